import type { Definitions } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Policies } from "./compiled.ts";
import { type Case, judge } from "./judge.ts";
import type { Thing } from "./world.ts";

/** What policies say of definitions as they are, each by itself and beside all others. */
export function judgeDefinitions(
  { all, world }: Policies,
  definitions: Definitions,
): readonly Diagnostic[] {
  const about = all.filter(({ on, judgesChange }) => !judgesChange && on !== "plan");
  const everything = () => world.everything(definitions);
  return judge(about, ({ on }) => {
    if (on === "plan" || on === "change") return [];
    return [...world.things(definitions, on).values()].map((thing) => ({
      ...placed(on, thing),
      values: { self: thing.value, definitions: everything },
    }));
  });
}

/** What a thing is called, and where it stands. */
export function placed(kind: string, { name, found, path }: Thing): Pick<Case, "what" | "at"> {
  return {
    what: `the ${kind} ${name}`,
    at: path.length === 0 ? found.at : found.spanOf(path, "key"),
  };
}
