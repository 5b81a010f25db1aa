import { type Digest, type PublicKey, publicKeyOf } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { writeCommit } from "./commit.ts";
import { demandOutside, makeKeys, removeKeys } from "./keys.ts";
import { headsOf, moveRefs, RELEASES } from "./repository.ts";
import { makeRoot, readTrust, rootFingerprint, type Trust } from "./root.ts";

export interface InitRequest {
  readonly repository: string;
  readonly keysDir: string;
  /** Seals the files of the root key and the release key. */
  readonly passphrase?: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The release keys of others who may sign, beside the one that is made here. */
  readonly signers?: readonly PublicKey[];
  /** How many of them must sign; 1 when absent. */
  readonly threshold?: number;
}

export interface Initialised {
  /** Of `1.root.json`: what agents pin. */
  readonly fingerprint: Digest;
  /** The first commit of `releases`. */
  readonly commit: string;
  readonly trust: Trust;
  /** One person alone can release: fine to begin with, and to be said loudly. */
  readonly solo: boolean;
}

/** Makes keys and the branch `releases` with the first root of trust. Leaves nothing behind when it fails. */
export async function initTrust(request: InitRequest, signal: AbortSignal): Promise<Initialised> {
  const { repository, keysDir, now, signers = [], threshold = 1 } = request;
  const heads = await headsOf(repository, signal);
  const existing = heads.releases === undefined ? heads.remote[0] : RELEASES;
  if (existing !== undefined) {
    throw new Failure(
      "release/already-initialised",
      `${repository} has its root of trust on ${existing} already. To work with it, fetch it: git fetch origin releases:releases.`,
    );
  }
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > signers.length + 1) {
    throw new Failure(
      "release/bad-threshold",
      `${threshold} signatures of ${signers.length + 1} signers cannot be asked for. Name a threshold from 1 to ${signers.length + 1}.`,
    );
  }
  if (new Set(signers).size !== signers.length) {
    throw new Failure("release/one-signer-twice", "A signer is named twice. Name each key once.");
  }
  await demandOutside(repository, keysDir, signal);
  const keys = await makeKeys(keysDir, request.passphrase);
  try {
    const online = { keys: [publicKeyOf(keys.online)], threshold: 1 };
    const roles = {
      root: { keys: [publicKeyOf(keys.root)], threshold: 1 },
      targets: { keys: [publicKeyOf(keys.release), ...signers], threshold },
      snapshot: online,
      timestamp: online,
    };
    const root = makeRoot({ version: 1, roles }, [keys.root], now);
    const trust = readTrust(root);
    if (trust === undefined) throw new Error("impossible: we made a root that we cannot read");
    const changes = [{ path: "metadata/1.root.json", bytes: root }];
    const message = `trust: root 1, releases need ${threshold} of ${roles.targets.keys.length} signatures\n`;
    const parent = undefined;
    const commit = await writeCommit({ repository, parent, changes, message, now }, signal);
    const born = { ref: RELEASES, from: undefined, to: commit };
    await moveRefs(repository, heads.format, [born], signal);
    return { fingerprint: rootFingerprint(root), commit, trust, solo: signers.length === 0 };
  } catch (error) {
    await removeKeys(keysDir);
    throw error;
  }
}
