import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Found } from "../definitions.ts";
import { didYouMean } from "../nearest.ts";

/** A route leads to deployments of its own factory. */
export function routes({ value, spanOf }: Found<"factory">): readonly Diagnostic[] {
  const known = Object.keys(value.deployments);
  return Object.entries(value.routes ?? {}).flatMap(([name, { to, fallback = [] }]) => {
    const targets = [
      { target: to, path: ["routes", name, "to"] },
      ...fallback.map((target, index) => ({ target, path: ["routes", name, "fallback", index] })),
    ];
    return targets
      .filter(({ target }) => !known.includes(target))
      .map(
        ({ target, path }): Diagnostic => ({
          code: "check/route-to-nothing",
          severity: "error",
          message: `the factory ${value.name} has no deployment ${target}`,
          at: spanOf(path),
          cure: didYouMean(target, known),
        }),
      );
  });
}
