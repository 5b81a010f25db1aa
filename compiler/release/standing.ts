import type { KeyObject } from "node:crypto";
import { type Digest, publicKeyOf } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { demandOutside, readKeys } from "./keys.ts";
import {
  type PublishedRevision,
  type PublishedRoots,
  readRevision,
  readRoots,
} from "./published.ts";
import { type Heads, headsOf } from "./repository.ts";
import { claimOf, releaseSigners, type TrustedRoot, trustedRootOf } from "./trusted-root.ts";
import { demand } from "./verdict.ts";

/** Where the branch stands before a release or a signature is added to it. */
export interface Standing {
  readonly heads: Heads;
  readonly published: PublishedRoots;
  readonly root: TrustedRoot;
  /** The newest revision, signed by enough people; absent before the first. */
  readonly newest: PublishedRevision | undefined;
  /** When its signatures end. */
  readonly expires: number | undefined;
}

/** Reads the branch, and refuses to build on one that agents would not follow. */
export async function standingOf(
  repository: string,
  pinned: Digest | undefined,
  now: number,
  signal: AbortSignal,
): Promise<Standing> {
  const heads = await headsOf(repository, signal);
  if (heads.releases === undefined) {
    throw new Failure(
      "release/not-initialised",
      heads.remote[0] === undefined
        ? `${repository} has no branch releases. Run \`millwright init\` first.`
        : `${repository} has the branch releases only as ${heads.remote[0]}. Run git fetch origin releases:releases.`,
    );
  }
  const what = "The branch releases cannot be built upon";
  const published = demand(await readRoots(repository, heads.releases, signal), what);
  const root = demand(trustedRootOf(published, pinned), what);
  if (root.metadata.signed.isExpired(new Date(now))) {
    const { version, expires } = root.metadata.signed;
    throw new Failure(
      "release/expired-root",
      `Root ${version} has expired on ${expires}, so no agent accepts anything new. The holders of the root key must sign a new root.`,
    );
  }
  const reading = await readRevision(repository, heads.releases, signal);
  if (!reading.ok && reading.reason === "release/nothing-released") {
    return { heads, published, root, newest: undefined, expires: undefined };
  }
  const newest = demand(reading, what);
  const claim = demand(claimOf(newest), what);
  // Counting on from a number that nobody signed would let whoever can push burn all numbers there are.
  const signers = releaseSigners(root, claim).length;
  const { threshold } = root.trust.roles.targets;
  if (signers < threshold) {
    throw new Failure(
      "release/bad-signature",
      `Revision ${newest.number} on the branch releases has ${signers} of ${threshold} signatures: it was not released. Reset the branch to the last commit that millwright verify accepts.`,
    );
  }
  return { heads, published, root, newest, expires: Date.parse(claim.signed.expires) };
}

/** The local release key, when there is one; refuses a key that the root does not admit. */
export async function signerOf(
  repository: string,
  keysDir: string | undefined,
  { trust }: TrustedRoot,
  signal: AbortSignal,
): Promise<KeyObject | undefined> {
  if (keysDir === undefined) return undefined;
  await demandOutside(repository, keysDir, signal);
  const { release } = await readKeys(keysDir);
  if (release === undefined) return undefined;
  const key = publicKeyOf(release);
  if (trust.roles.targets.keys.includes(key)) return release;
  throw new Failure(
    "release/key-not-admitted",
    `The root of trust does not admit ${key} of ${keysDir} as a release key. Use an admitted key, or have the root's holders admit this one.`,
  );
}
