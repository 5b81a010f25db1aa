import type { Value } from "../cel/cel.ts";
import type { Definitions } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { CompiledPolicy, Policies } from "./compiled.ts";
import { type Case, judge } from "./judge.ts";
import { placed } from "./judge-definitions.ts";
import { type Plans, placedPlan } from "./judge-plans.ts";
import { touchedBy } from "./touched.ts";

/**
 * What policies say of the change from one commit to another: those on: change, and those of one thing that compare
 * `before` with `after`. Without plans, what asks for plans is not judged, or cannot be.
 *
 * A change may take away the policy that forbids it: who trusts the branch more than the change hands in the policies
 * of `before`.
 */
export function judgeChange(
  { all, world }: Policies,
  before: Definitions,
  after: Definitions,
  plansBefore?: Plans,
  plansAfter?: Plans,
): readonly Diagnostic[] {
  const about = all.filter(({ judgesChange }) => judgesChange);
  const plans =
    plansBefore === undefined || plansAfter === undefined
      ? undefined
      : { before: plansBefore, after: plansAfter };
  let known: Value | undefined;
  const touched = () => {
    known ??= touchedBy(world, before, after, plans);
    return known;
  };
  const definitions = () => world.everything(after);

  const ofPlans = (): readonly Case[] =>
    [...(plans?.after ?? [])].map(([host, { plan }]) => {
      const self = () => world.plan(plan);
      const earlier = plans?.before.get(host)?.plan;
      return {
        ...placedPlan(after, host),
        values: {
          self,
          definitions,
          before: () => (earlier === undefined ? null : world.plan(earlier)),
          after: self,
        },
      };
    });

  const casesFor = ({ on }: CompiledPolicy): readonly Case[] => {
    if (on === "plan") return ofPlans();
    if (on === "change")
      return [
        {
          what: "the change",
          at: undefined,
          values: {
            definitions,
            before: () => world.everything(before),
            after: definitions,
            touched,
          },
        },
      ];
    const earlier = world.things(before, on);
    return [...world.things(after, on)].map(([name, thing]) => ({
      ...placed(on, thing),
      values: {
        self: thing.value,
        definitions,
        // There is one fleet, whatever it is called.
        before: () =>
          (on === "fleet" ? [...earlier.values()][0] : earlier.get(name))?.value() ?? null,
        after: thing.value,
      },
    }));
  };
  return judge(about, casesFor);
}
