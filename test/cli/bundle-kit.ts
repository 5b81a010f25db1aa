/** A fleet of two hosts with one released model, and bundles of it. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Delivery,
  type Digest,
  type HostName,
  type HostPlan,
  hexOf,
  publicKeyOf,
} from "@millwright/schema";
import { makeIdentity, openState, type StateFolder } from "../../agent/disk/disk.ts";
import { pinRoot } from "../../agent/trust/trust.ts";
import { run } from "../../compiler/cli/cli.ts";
import { type Fleet, fleetIn } from "../attacks/fleet-kit.ts";
import { model, modelsOf } from "../attacks/models-kit.ts";
import { proved } from "../attacks/proof-kit.ts";
import { NOON, planFor } from "../compiler/release-kit.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface BundleFleet extends Disposable {
  readonly folder: string;
  readonly fleet: Fleet;
  /** Of `fra-1`, which trusts the fleet's root and has no plan. */
  readonly state: StateFolder;
  /** Releases a plan for `fra-1`, which differs from the last one. Gives its number. */
  release(now?: number, change?: Partial<HostPlan>): Promise<number>;
  /** `millwright bundle` in the fleet's repository. */
  bundle(now: number, ...argv: readonly string[]): Promise<Said>;
}

/** Where nobody listens: a bundle is for hosts that reach no hub. */
const NO_HUB = "ws://127.0.0.1:1";

export async function bundleFleet(): Promise<BundleFleet> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "mw-bundle-")));
  const fleet = await fleetIn(folder, [model], NOON);
  const state = await openState(join(folder, "state"));
  await pinRoot(state, fleet.keyring.rootBytes, fleet.fingerprint);
  const { publicKey } = await makeIdentity(state, "fra-1" as HostName, [NO_HUB]);
  const other = publicKeyOf(generateKeyPairSync("ed25519").publicKey);
  let count = 0;
  return {
    ...{ folder, fleet, state },
    release(now = NOON, change = {}) {
      count += 1;
      const plan = proved({
        ...{ ...planFor("fra-1", 1_000 + count), key: publicKey, hubs: [NO_HUB] },
        ...{ gateway: { listen: "127.0.0.1:0" }, ...modelsOf(model) },
        factories: {
          support: {
            owner: "team",
            governance: { classification: "internal", purposes: ["serve"] },
          },
        },
        ...change,
      });
      return fleet.release([plan, { ...planFor("zrh-1"), key: other, hubs: [NO_HUB] }], now);
    },
    async bundle(now, ...argv) {
      const { repository, keysDir } = fleet.shop;
      const said = { out: "", err: "" };
      const code = await run(["bundle", "--keys", keysDir, ...argv], {
        out: (text) => {
          said.out += text;
        },
        err: (text) => {
          said.err += text;
        },
        ...{ interactive: false, env: {}, cwd: repository, now: () => now },
        signal: new AbortController().signal,
      });
      return { code, ...said };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lays a bundle out by hand. */
export function layBundle(
  folder: string,
  files: Delivery,
  blobs: ReadonlyMap<Digest, Uint8Array> = new Map(),
): string {
  mkdirSync(join(folder, "blobs", "sha256"), { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  for (const [digest, bytes] of blobs)
    writeFileSync(join(folder, "blobs", "sha256", hexOf(digest)), bytes);
  return folder;
}
