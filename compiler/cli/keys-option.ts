import { basename, resolve } from "node:path";
import { defaultKeysDir, type SignerSource } from "../release/release.ts";
import { passphrases } from "./passphrase.ts";
import type { Terminal } from "./terminal.ts";

export const keysOption = [
  "--keys <folder>",
  "the folder of your private keys; ~/.config/millwright/<repository> when absent",
] as const;

/** The folder of keys: as named, or the usual one of this repository. */
export function keysFolder(
  keys: string | undefined,
  repository: string,
  { cwd, env }: Terminal,
): string {
  if (keys !== undefined) return resolve(cwd, keys);
  const name = basename(repository)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return defaultKeysDir(env, name.slice(0, 63));
}

/** Where the signature of whoever runs this comes from: a key file, or else an ssh-agent. */
export function signerSource(
  keys: string | undefined,
  repository: string,
  terminal: Terminal,
): SignerSource {
  const { SSH_AUTH_SOCK: sshAgent = "" } = terminal.env;
  return {
    keysDir: keysFolder(keys, repository, terminal),
    ask: passphrases(terminal),
    ...(sshAgent !== "" && { sshAgent }),
  };
}
