/** A real agent as a process of its own behind a hub that listens, with everything that it must never tell. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostName, type HostPlan, parseJson } from "@millwright/schema";
import { makeIdentity, openState } from "../../agent/disk/disk.ts";
import { systemClock } from "../../agent/life/life.ts";
import { pinRoot } from "../../agent/trust/trust.ts";
import { type EvilHub, startEvilHub } from "../attacks/evil-hub.ts";
import { fleetIn } from "../attacks/fleet-kit.ts";
import { adapter, model, modelsOf } from "../attacks/models-kit.ts";
import { proved } from "../attacks/proof-kit.ts";
import { startHub } from "../attacks/real-hub-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { planFor } from "../compiler/release-kit.ts";

const ENTRY = join(import.meta.dirname, "../../agent/cli/millwright-agent.ts");

export interface Household extends AsyncDisposable {
  readonly hub: EvilHub;
  /** All that the agent has said on stdout and stderr. */
  log(): string;
  /** The host's private key as its file holds it. */
  readonly keyFile: string;
  /** What opens the agent's own API on this machine. */
  localToken(): Promise<string>;
  /** Asks that API. */
  local(path: string, init?: RequestInit): Promise<Response>;
  /** Asks the gateway. */
  gateway(path: string, init?: RequestInit): Promise<Response>;
  /** Releases a plan that wants a model which only these sources have, and these mirrors. */
  wantFrom(sources: string[], mirrors: string[]): Promise<void>;
  stop(): Promise<void>;
}

export async function household(env: Readonly<Record<string, string>>): Promise<Household> {
  const folder = await mkdtemp(join(tmpdir(), "mw-secrets-"));
  const hub = await startEvilHub();
  const clock = { ...systemClock, advance: () => undefined };
  const fleet = await fleetIn(folder, [model, adapter], clock.now());
  const state = await openState(join(folder, "state"));
  await pinRoot(state, fleet.keyring.rootBytes, fleet.fingerprint);
  const { publicKey } = await makeIdentity(state, "fra-1" as HostName, [hub.url]);
  const governance = { classification: "internal" as const, purposes: ["serve" as const] };
  const feedback = { sample: 1, redact: "personal" as const, keepMs: 86_400_000 };
  const plan: HostPlan = {
    ...{ ...planFor("fra-1", 1_000), key: publicKey, hubs: [hub.url] },
    gateway: { listen: "127.0.0.1:0" },
    ...modelsOf(model),
    factories: { support: { owner: "team", feedback, governance } },
  };
  await fleet.release([proved(plan)], clock.now());
  const real = await startHub(fleet, clock, fleet.keyring.online.key);
  hub.upstream = real.url;
  const agent = spawn(
    process.execPath,
    [ENTRY, "run", "--state", state.root, "--local", "127.0.0.1:0", "--stop-models"],
    { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "", ...env } },
  );
  let text = "";
  for (const stream of [agent.stdout, agent.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  const running = async () =>
    parseJson(await readFile(state.running, "utf8")) as { local: string; token: string };
  const local: Household["local"] = async (path, init) =>
    fetch(`http://${(await running()).local}${path}`, init);
  const statusOf = async () =>
    (await (await local("/status")).json()) as { gateway: string; running?: { revision: number } };
  const end = () => ended(agent);
  await until("the agent serves its plan", async () => {
    if (agent.exitCode !== null) throw new Error(`the agent ended:\n${text}`);
    return existsSync(state.running) && (await statusOf()).running?.revision === 1;
  });
  return {
    ...{ hub, local, log: () => text, stop: end },
    keyFile: await readFile(join(state.identity, "key.pem"), "utf8"),
    localToken: async () => (await running()).token,
    gateway: async (path, init) => fetch(`http://${(await statusOf()).gateway}${path}`, init),
    async wantFrom(sources, mirrors) {
      const wanted = modelsOf(model, adapter);
      const blobs = Object.fromEntries(
        Object.entries(wanted.blobs).map(([digest, blob]) => [
          digest,
          digest === adapter.digest ? { ...blob, sources } : blob,
        ]),
      );
      await fleet.release([proved({ ...plan, ...wanted, blobs, store: { mirrors } })], clock.now());
      real.look();
    },
    async [Symbol.asyncDispose]() {
      await end();
      await real.stop();
      await hub[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ended(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const exit = once(agent, "exit");
  agent.kill("SIGTERM");
  const late = setTimeout(() => agent.kill("SIGKILL"), 15_000);
  await exit;
  clearTimeout(late);
}
