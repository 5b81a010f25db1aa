import type { KeyObject } from "node:crypto";
import { digestOf, hexOf } from "@millwright/schema";
import { Metadata, TargetFile, Targets } from "@tufjs/models";
import { addSignature, SPECIFICATION, timeText } from "./metadata.ts";

const DAY = 86_400_000;
/** How long the signatures on a revision hold. What runs goes on running after that; nothing new is accepted. */
const LIFETIME = 90 * DAY;
/** With less than this left, releasing an unchanged commit is a renewal and not a mistake. */
export const RENEWAL = 30 * DAY;

const TARGET = "revision.json";

/** The metadata that people sign: one target, the revision. */
export function makeTargets(
  revision: Uint8Array,
  version: number,
  signers: readonly KeyObject[],
  now: number,
): Metadata<Targets> {
  const target = new TargetFile({
    path: TARGET,
    length: revision.length,
    hashes: { sha256: hexOf(digestOf(revision)) },
  });
  const metadata = new Metadata(
    new Targets({
      version,
      specVersion: SPECIFICATION,
      expires: timeText(now + LIFETIME),
      targets: { [TARGET]: target },
    }),
  );
  for (const key of signers) addSignature(metadata, key);
  return metadata;
}

/** True when the one and only target is exactly this revision. */
export function namesRevision({ targets, delegations }: Targets, revision: Uint8Array): boolean {
  const { length, hashes } = targets[TARGET] ?? {};
  const { sha256 } = hashes ?? {};
  return (
    // Delegations could let others speak for the release signers.
    delegations === undefined &&
    Object.keys(targets).length === 1 &&
    length === revision.length &&
    sha256 === hexOf(digestOf(revision))
  );
}
