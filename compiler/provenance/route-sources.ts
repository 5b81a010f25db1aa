import type { HostPlan } from "@millwright/schema";
import type { Source } from "./source.ts";

/** What a field of a planned route was made from. */
export function routeSources(
  plan: HostPlan,
  name: string,
  [field]: readonly string[],
): readonly Source[] {
  const factory = plan.routes[name]?.factory ?? "";
  const of = (path: readonly string[], otherwise?: string): Source => ({
    ...{ kind: "field", definition: "factory", name: factory, path },
    ...(otherwise !== undefined && { otherwise }),
  });
  if (field === "factory") return [of(["name"])];
  const placed: Source = {
    kind: "computed",
    what: "the placement: those of the route that stand on this host",
  };
  if (field === "escalate" || field === "shadow") return [placed, of(["routes", name, field])];
  const fallback = of(["routes", name, "fallback"], "no fallback");
  if (plan.routes[name]?.choose === undefined)
    return [placed, of(["routes", name, "to"]), fallback];
  const choices = of(["routes", name, "choose"], "no choices");
  return [placed, choices, of(["routes", name, "split"], "no split"), fallback];
}
