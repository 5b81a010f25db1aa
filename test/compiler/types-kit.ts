/** Definitions written down in a test, and what is said of their types. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostic/diagnostic.ts";
import type { SourceTree } from "../../compiler/source/source.ts";
import { typeErrors, unsaid } from "../../compiler/types/types.ts";

export const never: AbortSignal = new AbortController().signal;

/** A file with one type error, and how it is said. */
export const wrong = { "a.ts": 'export const x: number = "a";' } as const;
export const saidOfWrong: readonly string[] = [
  "types/error «x» Type 'string' is not assignable to type 'number'. (TS2322)",
];

/** A temporary folder that goes when the test ends. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "millwright-types-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files below `factories/`, by name. */
export function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return {
    repository: "mills",
    files: new Map(
      Object.entries(files).map(([name, text]) => [`factories/${name}`, Buffer.from(text)]),
    ),
  };
}

/** A fleet with a host, and nothing wrong with either. */
export const sound = {
  "fleet.ts": `import { fleet } from "@millwright/schema";
export const mills = fleet({ name: "mills", hubs: ["wss://hub.example.org"] });`,
  "host.ts": `import { host } from "@millwright/schema";
export const one = host({ name: "one", key: "ed25519:Aw${"A".repeat(41)}", site: "fra", region: "de", memory: "2GiB" });`,
} as const;

/** `code «what it points at» message`, for each; a file that is not `a.ts` is named. */
export function shown(found: readonly Diagnostic[], { files }: SourceTree): string[] {
  return found.map(({ code, at, message }) => {
    if (at === undefined) return `${code}: ${message}`;
    const text = new TextDecoder().decode(files.get(at.file));
    const name = at.file === "factories/a.ts" ? "" : `${at.file.slice("factories/".length)} `;
    return `${code} ${name}«${text.slice(at.start, at.end)}» ${message}`;
  });
}

/** What tsc alone says of files. */
export async function typesOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const tree = treeOf(files);
  return shown(await typeErrors(tree, { cache: undefined }, never), tree);
}

/** What is said in all of a sound repository with these files besides: by the compiler, and then by tsc. */
export async function saidOf(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly compiler: string[]; readonly types: string[]; readonly tsc: number }> {
  const tree = treeOf({ ...sound, ...files });
  const stage = compile(tree);
  const said = (stage.ok ? stage.warnings : stage.problems).filter(
    ({ severity }) => severity === "error",
  );
  const types = await typeErrors(tree, { cache: undefined }, never);
  return {
    compiler: shown(said, tree),
    types: shown(unsaid(types, said, tree), tree),
    tsc: types.length,
  };
}
