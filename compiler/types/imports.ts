import { posix } from "node:path";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";

/** What tsc says of imports, types of imports and `/// <reference …>` that lead nowhere, by number. */
const nowhere = new Set([
  2307, 2580, 2591, 2592, 2688, 2691, 2726, 2732, 2792, 2834, 2835, 2846, 5097, 6053, 6231, 7016,
]);

/**
 * In the words of the evaluation, an import that tsc cannot follow; it sees those of types too, which the evaluation
 * passes over. Undefined where tsc speaks of something else; none where the file is there after all.
 */
export function importError(
  number: number,
  at: Span,
  text: string,
  { files }: SourceTree,
): readonly Diagnostic[] | undefined {
  if (!nowhere.has(number)) return undefined;
  const written = text.slice(at.start, at.end);
  const wanted = written.replace(/^(["'])(.*)\1$/s, "$2");
  // A name that is not declared shares its number with a module of Node.
  if (written === wanted && !inReference(text, at.start)) return undefined;
  const path = posix.join(posix.dirname(at.file), wanted);
  const error = { severity: "error", at } as const;
  if (!/^\.\.?\//.test(wanted))
    return [
      {
        ...error,
        code: "evaluate/import-outside",
        message: `definitions cannot import ${wanted}`,
        cure: "import from @millwright/schema and from other definition files: ./models.ts",
      },
    ];
  if (!path.startsWith("factories/") || !path.endsWith(".ts"))
    return [
      {
        ...error,
        code: "evaluate/import-outside",
        message: `${wanted} is no TypeScript file below factories/`,
        cure: "name a definition file with its ending: ./models.ts",
      },
    ];
  if (files.has(path)) return [];
  return [
    {
      ...error,
      code: "evaluate/no-such-file",
      message: `there is no ${path}`,
      cure: "name a file that is in the repository",
    },
  ];
}

/** Whether a place stands in `/// <reference path="…" />`. */
function inReference(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^\s*\/\/\/\s*<reference\b/.test(line);
}
