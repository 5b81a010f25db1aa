import type { Digest, HostName, HostPlan } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Policies } from "./compiled.ts";
import { type Case, judge } from "./judge.ts";

/** Plans by host; with their digests, as rendered, they are compared by these. */
export type Plans = ReadonlyMap<HostName, { readonly plan: HostPlan; readonly digest?: Digest }>;

/** What policies say of each host's plan. */
export function judgePlans(
  { all, world }: Policies,
  definitions: Definitions,
  plans: Plans,
): readonly Diagnostic[] {
  const about = all.filter(({ on, judgesChange }) => !judgesChange && on === "plan");
  const everything = () => world.everything(definitions);
  return judge(about, () =>
    [...plans].map(([host, { plan }]) => ({
      ...placedPlan(definitions, host),
      values: { self: () => world.plan(plan), definitions: everything },
    })),
  );
}

/** A plan is told where its host is defined. */
export function placedPlan({ hosts, fleet }: Definitions, host: string): Pick<Case, "what" | "at"> {
  return { what: `the plan of ${host}`, at: (hosts.get(host) ?? fleet).at };
}
