/** A fleet whose releases two people sign, in a repository of its own, and the keys that thieves may have stolen. */
import { execFileSync } from "node:child_process";
import type { KeyObject } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  canonicalBytes,
  type Digest,
  digestOf,
  type HostPlan,
  hexOf,
  publicKeyOf,
} from "@millwright/schema";
import { Key } from "@tufjs/models";
import {
  initTrust,
  type Keys,
  makeKeys,
  RELEASES,
  readKeys,
  release,
  rootFingerprint,
  sign,
} from "../../compiler/release/release.ts";
import type { Fleet as Keyring, Signer } from "../agent/trust-kit.ts";
import { compiledOf, fileAt, sourceOf, type Workshop } from "../compiler/release-kit.ts";

const signal = new AbortController().signal;

export interface Fleet {
  readonly shop: Workshop;
  /** Every private key there is, for `test/agent/trust-kit.ts` to make metadata with. */
  readonly keyring: Keyring;
  readonly fingerprint: Digest;
  /** Releases these plans, signed by two people. Gives the revision's number. */
  release(plans: readonly HostPlan[], now: number): Promise<number>;
}

export interface Artifact {
  readonly path: string;
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
}

/** `artifacts`: files that the repository holds, and its lock names. */
export async function fleetIn(
  folder: string,
  artifacts: readonly Artifact[],
  now: number,
): Promise<Fleet> {
  const shop = repositoryIn(folder, artifacts);
  const { repository, keysDir, git } = shop;
  const second = join(folder, "second");
  const bea = (await makeKeys(second)).release;
  await initTrust({ repository, keysDir, now, signers: [publicKeyOf(bea)], threshold: 2 }, signal);
  const { root, release: ada, online } = await allOf(keysDir);
  const rootBytes = fileAt(shop, RELEASES, "metadata/1.root.json");
  return {
    shop,
    keyring: {
      ...{ root: signerOf(root), online: signerOf(online), rootBytes },
      people: [signerOf(ada), signerOf(bea)],
    },
    fingerprint: rootFingerprint(rootBytes),
    async release(plans, at) {
      git("commit", "-q", "--allow-empty", "-m", "change");
      const source = sourceOf(git);
      const compiled = compiledOf(plans);
      await release({ repository, source, compiled, signer: { keysDir }, now: at }, signal);
      return (await sign({ repository, signer: { keysDir: second }, now: at }, signal)).number;
    },
  };
}

function repositoryIn(folder: string, artifacts: readonly Artifact[]): Workshop {
  const repository = join(folder, "repository");
  execFileSync("git", ["init", "-q", "-b", "main", repository]);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" }).trim();
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  mkdirSync(join(repository, "factories", "models"), { recursive: true });
  let lock = "artifacts:\n";
  for (const { path, name, digest, size } of artifacts) {
    copyFileSync(path, join(repository, `factories/models/${name}.gguf`));
    lock += `  "file:models/${name}.gguf":\n    digest: ${digest}\n    size: ${size}\n    facts: { kind: model }\n`;
  }
  writeFileSync(join(repository, "factories/models.lock.yaml"), lock);
  git("add", "-A");
  git("commit", "-q", "-m", "a model");
  return { folder, repository, keysDir: join(folder, "keys"), git };
}

async function allOf(keysDir: string): Promise<Required<Keys>> {
  const { root, release: person, online } = await readKeys(keysDir);
  if (root === undefined || person === undefined || online === undefined)
    throw new Error(`${keysDir} lacks a key`);
  return { root, release: person, online };
}

/** A private key as TUF knows it. */
function signerOf(key: KeyObject): Signer {
  const publicKey = publicKeyOf(key);
  const fields = {
    keytype: "ed25519",
    scheme: "ed25519",
    keyval: { public: Buffer.from(publicKey.slice(8), "base64url").toString("hex") },
  };
  const tuf = Key.fromJSON(hexOf(digestOf(canonicalBytes(fields))), fields);
  return { key, publicKey, tuf };
}
