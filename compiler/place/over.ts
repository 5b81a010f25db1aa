import type { Running } from "../fit/fit.ts";
import type { AdapterFacts, LockedArtifact } from "../lock/lock.ts";
import type { Wanted } from "./placement.ts";

/** What lies over the weights of a deployment, for its budget of memory. */
export function overOf({
  adapter,
  adapters,
}: Pick<Wanted, "adapter" | "adapters">): Pick<Running, "adapter" | "adapters"> {
  const [own] = factsOf([adapter]);
  const more = factsOf([...adapters.values()]);
  return {
    ...(own !== undefined && { adapter: own }),
    ...(more.length > 0 && { adapters: more }),
  };
}

function factsOf(artifacts: readonly (LockedArtifact | undefined)[]): readonly AdapterFacts[] {
  return artifacts.flatMap((each) => (each?.facts.kind === "adapter" ? [each.facts] : []));
}
