import type { Digest, PublicKey } from "@millwright/schema";
import type { Metadata, Root, Targets } from "@tufjs/models";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { parseTargets, publicKeyOfKey, signersOf } from "./metadata.ts";
import type { PublishedRevision, PublishedRoots } from "./published.ts";
import { readTrust, rootFingerprint, type Trust } from "./root.ts";
import { namesRevision } from "./targets.ts";
import { accepted, denied, type Verdict } from "./verdict.ts";

/** The newest root, reached from the first by signatures. */
export interface TrustedRoot {
  readonly trust: Trust;
  readonly metadata: Metadata<Root>;
  /** What agents pin. */
  readonly fingerprint: Digest;
}

/** Walks from the first root to the newest, as an agent does (TUF specification, section 5.3). */
export function trustedRootOf(
  { roots }: PublishedRoots,
  pinned: Digest | undefined,
): Verdict<TrustedRoot> {
  const [first, ...later] = roots;
  if (first === undefined) throw new Error("impossible: a branch without a root");
  const fingerprint = rootFingerprint(first);
  // Arbitrary install: whoever replaces the whole branch brings a root of his own.
  if (pinned !== undefined && fingerprint !== pinned) {
    return denied(
      "release/untrusted-root",
      `The branch begins with the root ${fingerprint}; ${pinned} is trusted.`,
    );
  }
  let trust: Trust | undefined;
  let store: TrustedMetadataStore | undefined;
  for (const [index, bytes] of [first, ...later].entries()) {
    trust = readTrust(bytes);
    try {
      // A new root is signed by enough keys of the old one and of itself, and counts one up.
      if (store === undefined) store = new TrustedMetadataStore(bytes);
      else store.updateRoot(bytes);
    } catch (error) {
      return denied("release/broken-root-chain", `Root ${index + 1}: ${wordsOf(error)}.`);
    }
    if (trust?.version !== index + 1) {
      return denied("release/broken-root-chain", `Root ${index + 1} is no sound root of trust.`);
    }
  }
  if (store === undefined || trust === undefined) throw new Error("impossible: no root was read");
  return accepted({ trust, metadata: store.root, fingerprint });
}

/** Reads the metadata that carries the signatures, and holds it against the revision; signatures are not counted yet. */
export function claimOf(published: PublishedRevision): Verdict<Metadata<Targets>> {
  const targets = parseTargets(published.targets);
  if (targets === undefined) {
    return denied("release/malformed", "metadata/targets.json is no TUF targets metadata.");
  }
  if (!namesRevision(targets.signed, published.revisionBytes)) {
    return denied(
      "release/changed-revision",
      `metadata/targets.json signs another revision.json than the one of revision ${published.number}.`,
    );
  }
  // A number that agents do not compare (the statement's) must not differ from the one they do (the metadata's).
  if (targets.signed.version !== published.number) {
    return denied(
      "release/other-number",
      `revision.json says ${published.number}, the metadata says ${targets.signed.version}.`,
    );
  }
  return accepted(targets);
}

/** The admitted release keys whose signatures are valid, each once, however often it signed. */
export function releaseSigners(
  { metadata }: Pick<TrustedRoot, "metadata">,
  targets: Metadata<Targets>,
): readonly PublicKey[] {
  const { signed } = metadata;
  return signersOf(signed, "targets", targets).flatMap((id) => {
    const key = signed.keys[id];
    return (key && publicKeyOfKey(key)) ?? [];
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
