import { authorDeclarations } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { libraryText, type Tsc } from "./compiler.ts";
import { nestedAt } from "./nesting.ts";

/** Where the repository lies for tsc: a place that exists nowhere else. */
export const ROOT = "/repository/";
/** The file that tsc is asked to check, and what it says of all others. */
export const PROJECT = `${ROOT}tsconfig.json`;
const SCHEMA = "/millwright/schema.d.ts";
const LIBRARY = "/millwright/library.d.ts";

/** Part of what is cached: another setting gives other errors. */
export const settings = {
  target: "es2024",
  module: "nodenext",
  moduleDetection: "force",
  noLib: true,
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  paths: { "@millwright/schema": [SCHEMA] },
} as const;

/** Every file that there is, as far as tsc can tell. */
export interface Given {
  /** Where files nest too deep for tsc: it is not given them, and what others import of them has any type. */
  readonly nested: readonly Span[];
  /** By the path that tsc knows it by. */
  readonly texts: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
  /** From the path that tsc knows to that of the tree; nothing for what is ours. */
  pathOf(name: string): string | undefined;
}

export function typescriptFiles({ files }: SourceTree): [path: string, bytes: Uint8Array][] {
  return [...files].filter(([path]) => path.endsWith(".ts")).sort(([a], [b]) => (a < b ? -1 : 1));
}

export function give(tree: SourceTree, tsc: Tsc): Given {
  // The same text that spans count in. What is not UTF-8 the evaluation reports.
  const decoder = new TextDecoder("utf-8");
  const paths = new Map<string, string>();
  const texts = new Map<string, string>();
  const nested: Span[] = [];
  for (const [path, bytes] of typescriptFiles(tree)) {
    const text = decoder.decode(bytes);
    const deep = nestedAt(path, text);
    if (deep === undefined) {
      const name = `${ROOT}${path.replaceAll("\\", BACKSLASH)}`;
      paths.set(name, path);
      texts.set(name, text);
    } else nested.push(deep);
  }
  texts.set(SCHEMA, authorDeclarations());
  texts.set(LIBRARY, libraryText(tsc, "es2024"));
  texts.set(`${ROOT}package.json`, JSON.stringify({ type: "module" }));
  texts.set(
    PROJECT,
    JSON.stringify({ compilerOptions: settings, files: [LIBRARY, ...paths.keys()] }),
  );
  return { nested, texts, folders: foldersOf(texts.keys()), pathOf: (name) => paths.get(name) };
}

/** tsc takes a backslash for a slash; to git it is a character of a name like any other. */
const BACKSLASH = "\ue05c";

function foldersOf(names: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>(["/"]);
  for (const name of names) {
    for (let at = name.lastIndexOf("/"); at > 0; at = name.lastIndexOf("/", at - 1)) {
      const folder = name.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}
