import { type Digest, publicKeyOf } from "@millwright/schema";
import type { Metadata, Targets } from "@tufjs/models";
import { Failure } from "../failure.ts";
import { type AskPassphrase, demandOutside, readKeyOf } from "./keys.ts";
import { parseRootFile } from "./metadata.ts";
import {
  type PublishedRevision,
  type PublishedRoots,
  readRevision,
  readRoots,
} from "./published.ts";
import { type Heads, headsOf } from "./repository.ts";
import { readTrust } from "./root.ts";
import { keySigner, type Signer } from "./signer.ts";
import { sshSigner } from "./ssh-agent.ts";
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
  /** Enough of those whom the newest root admits have signed it: after a rotation it may have to be released again. */
  readonly sound: boolean;
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
    return { heads, published, root, newest: undefined, expires: undefined, sound: false };
  }
  const newest = demand(reading, what);
  const claim = demand(claimOf(newest), what);
  // Counting on from a number that nobody signed would let whoever can push burn all numbers there are.
  const signers = releaseSigners(root, claim).length;
  const { threshold } = root.trust.roles.targets;
  const sound = signers >= threshold;
  if (!sound && !wasSigned(published, claim)) {
    throw new Failure(
      "release/bad-signature",
      `Revision ${newest.number} on the branch releases has ${signers} of ${threshold} signatures: it was not released. Reset the branch to the last commit that millwright verify accepts.`,
    );
  }
  return { heads, published, root, newest, expires: Date.parse(claim.signed.expires), sound };
}

/** Enough of those whom some earlier root admitted have signed: it was released before the keys were exchanged. */
function wasSigned({ roots }: PublishedRoots, claim: Metadata<Targets>): boolean {
  return roots.some((bytes) => {
    const metadata = parseRootFile(bytes);
    const threshold = readTrust(bytes)?.roles.targets.threshold;
    if (metadata === undefined || threshold === undefined) return false;
    return releaseSigners({ metadata }, claim).length >= threshold;
  });
}

/** Where one person's signature may come from. */
export interface SignerSource {
  /** A folder with a key file. Absent: none is looked for. */
  readonly keysDir?: string;
  readonly ask?: AskPassphrase;
  /** The socket of an ssh-agent, which is asked when no file holds an admitted key. */
  readonly sshAgent?: string;
}

/**
 * Whoever here may sign as `role`, from a key file or else from the ssh-agent; `undefined` when nobody is found.
 * Refuses a key file that the root does not admit.
 */
export async function signerOf(
  repository: string,
  { keysDir, ask, sshAgent }: SignerSource,
  role: "release" | "root",
  { trust }: TrustedRoot,
  signal: AbortSignal,
): Promise<Signer | undefined> {
  const admitted = trust.roles[role === "release" ? "targets" : "root"].keys;
  if (keysDir !== undefined) await demandOutside(repository, keysDir, signal);
  const key = keysDir === undefined ? undefined : await readKeyOf(keysDir, role, ask);
  if (key !== undefined && admitted.includes(publicKeyOf(key))) return keySigner(key);
  const agent = sshAgent === undefined ? undefined : await sshSigner(sshAgent, admitted, signal);
  if (agent !== undefined || key === undefined) return agent;
  throw new Failure(
    "release/key-not-admitted",
    `The root of trust does not admit ${publicKeyOf(key)} of ${keysDir} as a ${role} key. Use an admitted key, or have the root's holders admit this one: millwright trust rotate.`,
  );
}

export function noReleaseKey({ keysDir = "No folder", sshAgent }: SignerSource): Failure {
  const agent =
    sshAgent === undefined ? "there is no ssh-agent" : "the ssh-agent holds none either";
  return new Failure(
    "release/no-release-key",
    `${keysDir} holds no release key, and ${agent}. Name the folder with --keys DIR, run ssh-add, or release with --no-sign for others to sign.`,
  );
}
