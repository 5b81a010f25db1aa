/** A host with an identity, a pinned root and a plan without models, and the hub that it belongs to. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type HostName, type PublicKey, parseHostName } from "@millwright/schema";
import { makeIdentity, openState } from "../../../agent/disk/disk.ts";
import { pinRoot } from "../../../agent/trust/trust.ts";
import { freePort, hubProcess } from "../swarm/hub-process.ts";
import { releasesOf } from "../swarm/releases.ts";

export interface IdleHost extends AsyncDisposable {
  /** What the agent's command line says after its name. */
  readonly run: readonly string[];
  readonly hub: string;
  readonly host: HostName;
  readonly publicKey: PublicKey;
  readonly state: string;
  readonly log: string;
  /** Until the hub shows so many hosts. */
  connected(hosts: number): Promise<void>;
}

const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 15;

export async function idleHost(): Promise<IdleHost> {
  const port = await freePort();
  const hub = `ws://127.0.0.1:${port}`;
  const name = parseHostName("idle-1");
  if (name === undefined) throw new Error("impossible: no host name");
  const disposed = new AsyncDisposableStack();
  const signal = new AbortController().signal;
  const root = await mkdtemp(join(tmpdir(), "mw-idle-"));
  disposed.defer(() => rm(root, { recursive: true, force: true }));
  const state = await openState(root);
  const { host, key, publicKey } = await makeIdentity(state, name, [hub]);
  const itself = {
    ...{ host, key, publicKey, site: "fra", region: "de", skewMs: 0, isSlow: false },
    gpus: { model: "", count: 0, memory: 0 },
  };
  const releases = disposed.use(await releasesOf([itself], hub, signal));
  await pinRoot(state, releases.root);
  await releases.next();
  const log = join(releases.folder, "log");
  const process = disposed.use(hubProcess({ releases, port, isPlain: true, log, flags: [] }));
  await process.start();
  return {
    ...{ hub, host, publicKey, state: root, log },
    run: ["run", "--state", root, "--local", `127.0.0.1:${await freePort()}`],
    async connected(hosts) {
      const deadline = performance.now() + WITHIN_MS;
      while ((await process.metrics()).get("millwright_hub_hosts_connected") !== hosts) {
        if (performance.now() > deadline)
          throw new Error(`the hub never showed ${hosts} hosts; the log is ${log}`);
        await delay(LOOK_EVERY_MS);
      }
    },
    [Symbol.asyncDispose]: () => disposed.disposeAsync(),
  };
}
