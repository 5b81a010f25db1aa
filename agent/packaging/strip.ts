import { stripTypeScriptTypes } from "node:module";
import type { Entry } from "./tar.ts";

type File = Extract<Entry, { kind: "file" }>;

/** What an import names, of ours: `from "./x.ts"`, `import("../x.ts")`. */
const specifier = /(?<=(?:\bfrom |\bimport |\bimport\()")\.{1,2}\/[^"\n]*\.ts(?=")/g;
/** The doors in a package.json. */
const door = /(?<=": ")\.\/[^"\n]*\.ts(?=")/g;

/**
 * Our sources as JavaScript: Node takes types off by itself, but what it does that with costs every process 15 MB and a
 * sixth of its start. Lines and columns stay, so that a stack trace still tells where in the source. An entry point,
 * which nobody imports, keeps its name as a link: units, launchers and agents of other versions start it by that.
 */
export function stripped(entries: readonly Entry[]): readonly Entry[] {
  const ours = entries.filter((entry) => entry.kind === "file").filter(isOurs);
  const imported = new Set(ours.flatMap(importedBy));
  const mains = ours.filter(({ path }) => path.endsWith(".ts") && !imported.has(path));
  const links = mains.map(({ path }) => ({
    ...{ kind: "link" as const, path, target: scriptOf(path).slice(path.lastIndexOf("/") + 1) },
  }));
  const left = entries.filter((entry) => entry.kind !== "file" || !isOurs(entry));
  return [...left, ...ours.map(script), ...links];
}

function isOurs({ path }: File): boolean {
  return /^(agent|schema)\/.*\.ts$|^(agent|schema)\/package\.json$/.test(path);
}

function script({ path, bytes, ...rest }: File): File {
  const text = textOf(bytes);
  const plain = path.endsWith(".ts")
    ? stripTypeScriptTypes(text)
        .replaceAll(/[ \t]+$/gm, "")
        .replaceAll(specifier, scriptOf)
    : text.replaceAll(door, scriptOf);
  return { ...rest, path: scriptOf(path), bytes: Buffer.from(plain) };
}

function importedBy({ path, bytes }: File): readonly string[] {
  return path.endsWith(".ts")
    ? [...textOf(bytes).matchAll(specifier)].map(([name]) =>
        new URL(name, `file:///${path}`).pathname.slice(1),
      )
    : [];
}

const scriptOf = (path: string) => path.replace(/\.ts$/, ".js");
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
