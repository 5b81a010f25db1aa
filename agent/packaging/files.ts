import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Entry } from "./tar.ts";

/** Of ours: what runs, and the page for operators. */
const ours = /(?<!\.d)\.ts$|\.(js|json|sh)$|^README\.md$/;
/** Of others: what nothing here opens, sources of what comes built among it. Licences stay. */
const unused =
  /\.(d\.[cm]?ts|map|md|markdown|tsbuildinfo|cc|cpp|hh|hpp|h|s|asm|inc|def)$|(^|\/)\.[^/]*$/i;
export const licence = /(licen[cs]e|copying|notice)[^/]*$/i;
/** Folders: the build of this package, sources that are compiled nowhere, packages that stand by themselves. */
const left =
  /^(packaging|node_modules)(\/|$)|^llama\/(addon|cmake|patches|profiles|toolchains|xpack)(\/|$)|^llama\/gitRelease\.bundle$/;

/** The files of a folder as entries below `target`. */
export async function filesOf(
  folder: string,
  target: string,
  whose: "ours" | "others",
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (left.test(path)) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile() && isWanted(path, whose)) entries.push(await fileAt(path));
    }
  };
  const fileAt = async (path: string): Promise<Entry> => {
    const from = join(folder, path);
    // What the umask of a checkout was does not matter.
    const mode = ((await stat(from)).mode & 0o100) === 0 ? 0o644 : 0o755;
    return { kind: "file", path: `${target}/${path}`, bytes: await readFile(from), mode };
  };
  await visit("");
  return entries;
}

function isWanted(path: string, whose: "ours" | "others"): boolean {
  return whose === "ours" ? ours.test(path) : licence.test(path) || !unused.test(path);
}
