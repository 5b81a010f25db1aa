import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { ask } from "./ask.ts";
import { keyOf, readCached, writeCached } from "./cache.ts";
import { findTsc } from "./compiler.ts";
import { give, typescriptFiles } from "./given.ts";
import type { Stopped, TypeLimits } from "./guard.ts";
import { MOST_NESTED } from "./nesting.ts";
import { report } from "./report.ts";

/** A hundred times what sound definitions need. */
function limitsFor(files: number): TypeLimits {
  return { timeMs: 5_000 + 5 * files, memory: 2 * 1024 ** 3 };
}

/**
 * Type errors of the tree's TypeScript files, by file and place. Runs in a child process; cached by content in the
 * folder `cache`, where there is one. Throws Failure when tsc cannot be started.
 */
export async function typeErrors(
  tree: SourceTree,
  settings: { readonly cache: string | undefined; readonly limits?: Partial<TypeLimits> },
  signal: AbortSignal,
): Promise<readonly Diagnostic[]> {
  const { length } = typescriptFiles(tree);
  if (length === 0) return [];
  const tsc = findTsc();
  const key = keyOf(tree, tsc);
  // Nothing is awaited before tsc has started: whoever called goes on at once, and may not come back for a while.
  const known = readCached(settings.cache, key, tree);
  if (known !== undefined) return known;
  const given = give(tree, tsc);
  const said = await ask(given, tsc, { ...limitsFor(length), ...settings.limits }, signal);
  if (said.kind === "stopped") return [stopped(said.why)];
  const found = [...given.nested.map(tooNested), ...report(said.found, given, tree)];
  await writeCached(settings.cache, key, found);
  return found;
}

const reasons: Readonly<Record<Stopped, string>> = {
  time: "takes too long",
  memory: "takes too much memory",
  size: "finds more than can be said",
  crash: "breaks down over these definitions",
};

function stopped(why: Stopped): Diagnostic {
  return {
    code: "types/too-long",
    severity: "error",
    message: `the check of types ${reasons[why]}, and was stopped`,
    at: undefined,
    cure: "look for types that refer to themselves, and for expressions that nest without end; --no-types leaves the check out",
  };
}

function tooNested(at: Span): Diagnostic {
  return {
    code: "types/too-long",
    severity: "error",
    message: `the file nests deeper than ${MOST_NESTED} brackets, and its types are not checked`,
    at,
    cure: "define the inner parts as consts of their own",
  };
}
