/**
 * What can be made again, kept on the disk: by the digest of all that it follows from.
 *
 * In: a folder of the user, a key, a text. Out: the text, as long as it is there and whole.
 * Promise: whole or not at all, whoever writes at the same time; what cannot be read or written costs time, no more; the
 * oldest entries go when there are too many.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** `undefined` when there is no such entry, or when it is not what was written. */
export function readEntry(folder: string | undefined, key: string): string | undefined {
  if (folder === undefined) return undefined;
  let entry: string;
  try {
    entry = readFileSync(pathOf(folder, key), "utf8");
  } catch {
    return undefined;
  }
  const text = entry.slice(entry.indexOf("\n") + 1);
  return entry === sealed(text) ? text : undefined;
}

/** `most`: so many entries the folder holds. */
export async function writeEntry(
  folder: string | undefined,
  key: string,
  text: string,
  most: number,
): Promise<void> {
  if (folder === undefined) return;
  const temporary = join(folder, `.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(temporary, sealed(text), { mode: 0o600, flag: "wx" });
    await rename(temporary, pathOf(folder, key));
    await dropOldest(folder, most);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** With its digest before it: a disk that was full, or a person's editor, is found out. */
function sealed(text: string): string {
  return `${createHash("sha256").update(text).digest("hex")}\n${text}`;
}

function pathOf(folder: string, key: string): string {
  return join(folder, `${key}.json`);
}

async function dropOldest(folder: string, most: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  if (names.length <= most) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, age: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => a.age - b.age);
  for (const { name } of aged.slice(0, names.length - most))
    await rm(join(folder, name), { force: true });
}
