/**
 * Private keys in files that a passphrase opens: PKCS#8 in age's armoured form, which `age -d` opens as well.
 * age derives with scrypt; OpenSSL's encrypted PKCS#8 derives with 2,048 rounds, and a stolen file would be guessed open.
 */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { armor, Decrypter, Encrypter } from "age-encryption";
import { Failure } from "../failure.ts";

/** What fits the least that age's authors advise. */
const SHORTEST = 8;

export async function sealKey(key: KeyObject, passphrase: string): Promise<string> {
  if (passphrase.length < SHORTEST) {
    throw new Failure(
      "release/passphrase-too-short",
      `The passphrase has fewer than ${SHORTEST} characters. Four or five random words are better.`,
    );
  }
  const sealing = new Encrypter();
  sealing.setPassphrase(passphrase);
  return armor.encode(await sealing.encrypt(key.export({ type: "pkcs8", format: "pem" })));
}

/** Throws a `Failure` when the passphrase is wrong or the file is damaged; the two cannot be told apart. */
export async function openKey(path: string, text: string, passphrase: string): Promise<KeyObject> {
  try {
    const opening = new Decrypter();
    opening.addPassphrase(passphrase);
    return createPrivateKey(await opening.decrypt(armor.decode(text), "text"));
  } catch {
    // The cause is left out: it may quote what it read.
    throw new Failure(
      "release/wrong-passphrase",
      `${path} does not open: the passphrase is wrong, or the file is damaged. Try again, or restore the file.`,
    );
  }
}
