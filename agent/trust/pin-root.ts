import { type Digest, digestOf } from "@millwright/schema";
import type { Root } from "@tufjs/models";
import type { StateFolder } from "../disk/disk.ts";
import { Failure } from "../life/life.ts";
import { readMemory, writeMemory } from "./memory.ts";
import { hasDistinctKeys, hasStrongKeys } from "./role-keys.ts";
import { openStore } from "./store.ts";

/**
 * Makes `bytes` the root of everything that this host will believe. Once: to pin the same root again changes nothing,
 * to pin another is refused.
 */
export async function pinRoot(
  state: StateFolder,
  bytes: Uint8Array,
  expected?: Digest,
): Promise<void> {
  const digest = digestOf(bytes);
  // Who fetches a root from a hub must not get the hub's own: the fingerprint came another way.
  if (expected !== undefined && digest !== expected) {
    throw new Failure(
      "trust/other-root",
      `The root has the fingerprint ${digest}, not ${expected}. Somebody gave you another fleet's root, or a forged one: compare with what millwright init printed.`,
    );
  }
  const opened = openStore(bytes, 0);
  const wrong = opened.ok ? faultOf(opened.store.root.signed) : opened.message;
  if (wrong !== undefined) {
    throw new Failure(
      "trust/bad-root",
      `${wrong} Give the root file that millwright init made: metadata/1.root.json on the branch releases.`,
    );
  }
  const memory = await readMemory(state);
  if (memory.kind === "none") {
    await writeMemory(state, { kind: "pinned", root: bytes });
    return;
  }
  if (memory.kind === "pinned" && digestOf(memory.root) === digest) return;
  throw new Failure(
    "trust/already-pinned",
    `${state.trust} trusts another root already. Choose another --state folder to enrol this host in another fleet.`,
  );
}

function faultOf(root: Root): string | undefined {
  if (!hasDistinctKeys(root)) return "A key counts twice.";
  return hasStrongKeys(root)
    ? undefined
    : "A key is one that others than its owner could sign with.";
}
