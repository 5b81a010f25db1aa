import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { PublicKey } from "@millwright/schema";
import { Failure } from "../failure.ts";

/** Bytes. An SSH public key with its comment has some hundred. */
const LARGEST = 10_000;

/** The public keys that were named: each as text, or as a file that holds it. */
export async function signerKeysOf(
  named: readonly string[],
  cwd: string,
): Promise<readonly PublicKey[]> {
  const { signerKeyOf } = await import("../release/release.ts");
  return Promise.all(
    named.map(async (text) =>
      signerKeyOf(/^(?:ed25519:|ssh-)/.test(text) ? text : await readText(resolve(cwd, text))),
    ),
  );
}

async function readText(path: string): Promise<string> {
  await using file = await open(path, "r").catch((cause: unknown) => {
    throw new Failure(
      "release/bad-signer-key",
      `${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)}). Name a file with a public key, or write the key itself: ed25519:… or ssh-ed25519 ….`,
      { cause },
    );
  });
  const { size } = await file.stat();
  if (size > LARGEST)
    throw new Failure("release/bad-signer-key", `${path} is too large to be a public key.`);
  return file.readFile("utf8");
}

/** A number of signatures, as it was typed. */
export function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Failure(
    "release/bad-threshold",
    `${JSON.stringify(text)} is no number of signatures. Write 2 for two people.`,
  );
}
