/** A host as operators have it: the real agent in a process of its own, which serves the models of a proved plan. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type HostPlan, hexOf, parseHostName } from "@millwright/schema";
import { makeIdentity, openState } from "../../../agent/disk/disk.ts";
import { pinRoot } from "../../../agent/trust/trust.ts";
import { proved } from "../../attacks/proof-kit.ts";
import { watched } from "../agent/watched.ts";
import { freePort, hubProcess } from "../swarm/hub-process.ts";
import { releasesOf } from "../swarm/releases.ts";

export interface Served {
  readonly name: string;
  readonly path: string;
  readonly digest: HostPlan["deployments"][string]["model"]["digest"];
  readonly size: number;
  readonly context: number;
  readonly parallel: number;
}

export interface ServingHost extends AsyncDisposable {
  /** The gateway: `http://127.0.0.1:port`. */
  readonly url: string;
  /** Resident bytes of the agent's main process. */
  memory(): number;
  /** Resident bytes of the runner of a deployment. */
  memoryOf(deployment: string): Promise<number>;
  /** What `/metrics` says of a deployment's engines. */
  metric(name: string, deployment: string): Promise<number>;
}

const WITHIN_MS = 180_000;

export async function servingHost(served: readonly Served[]): Promise<ServingHost> {
  const disposed = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "mw-serve-"));
  disposed.defer(() => rm(root, { recursive: true, force: true }));
  const [hubPort, localPort] = [await freePort(), await freePort()];
  const hub = `ws://127.0.0.1:${hubPort}`;
  const name = parseHostName("serve-1");
  if (name === undefined) throw new Error("impossible: no host name");
  const state = await openState(root);
  const { host, key, publicKey } = await makeIdentity(state, name, [hub]);
  const itself = {
    ...{ host, key, publicKey, site: "fra", region: "de", skewMs: 0, isSlow: false },
    gpus: { model: "", count: 0, memory: 0 },
    change: (plan: HostPlan) => proved({ ...plan, ...servingPlan(served) }),
  };
  // What is fetched is what `npm run bench -- agent` is about: the files are here already.
  await mkdir(state.blobs, { recursive: true });
  for (const { path, digest } of new Map(served.map((one) => [one.digest, one])).values())
    await copyFile(path, join(state.blobs, hexOf(digest)));
  const releases = disposed.use(await releasesOf([itself], hub, new AbortController().signal));
  await pinRoot(state, releases.root);
  await releases.next();
  const log = join(releases.folder, "log");
  const hubRuns = hubProcess({ releases, port: hubPort, isPlain: true, log, flags: [] });
  disposed.use(hubRuns);
  await hubRuns.start();
  const agentMain = join(import.meta.dirname, "../../../agent/cli/millwright-agent.ts");
  const local = `http://127.0.0.1:${localPort}`;
  const args = [agentMain, "run", "--state", root, "--local", `127.0.0.1:${localPort}`];
  const agent = disposed.use(watched(execPath, args, log));
  const deadline = performance.now() + WITHIN_MS;
  let gateway: string | null = null;
  while (gateway === null) {
    if (performance.now() > deadline)
      throw new Error(`the models never served:\n${await readFile(log, "utf8")}`);
    await delay(200);
    gateway = await readyAt(local, served.length);
  }
  // It looks at its branch every second, on the cores that we measure.
  await hubRuns.kill();
  return {
    url: `http://${gateway}`,
    memory: () => agent.memory().memory,
    async memoryOf(deployment) {
      const pid = await runnerOf(state.runners, deployment);
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    async metric(metric, deployment) {
      const text = await (await fetch(`${local}/metrics`)).text();
      const line = text
        .split("\n")
        .find((one) => one.startsWith(`${metric}{`) && one.includes(`deployment="${deployment}"`));
      return Number(line?.split(" ").at(-1));
    },
    [Symbol.asyncDispose]: () => disposed.disposeAsync(),
  };
}

async function readyAt(local: string, deployments: number): Promise<string | null> {
  const response = await fetch(`${local}/status`).catch(() => undefined);
  if (response?.ok !== true) return null;
  const status = (await response.json()) as {
    readonly gateway: string | null;
    readonly deployments: Readonly<Record<string, { readonly state: string }>>;
  };
  const ready = Object.values(status.deployments).filter(({ state }) => state === "ready");
  return ready.length === deployments ? status.gateway : null;
}

async function runnerOf(runners: string, deployment: string): Promise<string> {
  for (const folder of await readdir(runners)) {
    const spec = JSON.parse(await readFile(join(runners, folder, "spec.json"), "utf8")) as {
      readonly deployment: string;
    };
    if (spec.deployment === deployment)
      return (await readFile(join(runners, folder, "pid"), "utf8")).trim();
  }
  throw new Error(`nothing runs ${deployment}`);
}

function servingPlan(served: readonly Served[]): Partial<HostPlan> {
  return {
    gateway: { listen: "127.0.0.1:0" },
    telemetry: { everyMs: 60_000 },
    blobs: Object.fromEntries(
      served.map(({ digest, size, path }) => [
        digest,
        { name: path.split("/").at(-1) ?? "", size, sources: ["hub:"] },
      ]),
    ),
    deployments: Object.fromEntries(
      served.map(({ name, digest, context, parallel }) => [
        name,
        {
          ...{ factory: "bench", model: { name: "bench", digest }, context, parallel },
          ...{ instances: [{ replica: 0, gpus: [] }], threads: 1, memory: 1, upgrade: "beside" },
        },
      ]),
    ),
    factories: {
      bench: { owner: "bench", governance: { classification: "internal", purposes: ["serve"] } },
    },
  };
}
