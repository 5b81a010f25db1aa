import type { Compiled, Session } from "../compile.ts";
import type { Diagnostic, Stage } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { cacheIn } from "./cache-folder.ts";
import type { Terminal } from "./terminal.ts";

/** What is to be said of definitions, and what they came to when nothing stands against them. */
export interface Judgement {
  readonly found: readonly Diagnostic[];
  readonly compiled: Compiled | undefined;
}

/** Compiles, and has TypeScript check the types beside it, unless that is left out. What is said once is not said again. */
export async function judge(
  tree: SourceTree,
  session: Session,
  types: boolean,
  { env, signal }: Terminal,
): Promise<Judgement> {
  if (!types) return judged(session.compile(tree), []);
  const { typeErrors, unsaid } = await import("../types/types.ts");
  // The child starts before the compilation takes this thread; a failure of it is met where it is awaited.
  const checking = Promise.allSettled([typeErrors(tree, { cache: cacheIn(env, "types") }, signal)]);
  await new Promise(setImmediate);
  const stage = session.compile(tree);
  const [checked] = await checking;
  if (checked.status === "rejected") throw checked.reason;
  const said = stage.ok ? stage.warnings : stage.problems;
  return judged(stage, unsaid(checked.value, said, tree));
}

function judged(stage: Stage<Compiled>, types: readonly Diagnostic[]): Judgement {
  const found = [...(stage.ok ? stage.warnings : stage.problems), ...types];
  const isSound = stage.ok && types.every(({ severity }) => severity !== "error");
  return { found, compiled: isSound ? stage.value : undefined };
}
