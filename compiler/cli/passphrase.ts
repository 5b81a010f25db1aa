import { Failure } from "../failure.ts";
import type { AskPassphrase } from "../release/release.ts";
import type { Terminal } from "./terminal.ts";

const VARIABLE = "MILLWRIGHT_PASSPHRASE";

/** The passphrase of a key file: of the environment, where a machine signs; otherwise of the person at the terminal. */
export function passphrases({ env, askSecret }: Terminal): AskPassphrase {
  return async (path) => {
    const set = env[VARIABLE];
    if (set !== undefined) return set;
    if (askSecret !== undefined) return askSecret(`Passphrase of ${path}: `);
    throw new Failure(
      "release/no-passphrase",
      `${path} is sealed with a passphrase, and there is no terminal to ask at. Set ${VARIABLE}.`,
    );
  };
}

/** A new passphrase, asked twice; `undefined` when none is wanted, or nobody can be asked. */
export async function newPassphrase({ env, askSecret }: Terminal): Promise<string | undefined> {
  const set = env[VARIABLE];
  if (set !== undefined || askSecret === undefined) return set || undefined;
  const first = await askSecret("Passphrase for the new key files (empty: none): ");
  if (first === "") return undefined;
  if ((await askSecret("Once more: ")) === first) return first;
  throw new Failure("release/passphrases-differ", "The two passphrases differ. Run it again.");
}
