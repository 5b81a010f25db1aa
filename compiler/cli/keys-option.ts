import { basename, resolve } from "node:path";
import { defaultKeysDir } from "../release/release.ts";
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
