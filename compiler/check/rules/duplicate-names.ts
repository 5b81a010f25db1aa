import type { Kind } from "@millwright/schema";
import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";

interface Bearer {
  readonly what: string;
  readonly name: string;
  readonly at: Span;
  /** Two bearers of the same owner are no news when the owner itself stands twice. */
  readonly owner?: { readonly name: string | undefined };
}

/** A name leads to one thing: per kind, and among all that callers ask for. */
export function duplicateNames(drafts: Drafts): readonly Diagnostic[] {
  const { hosts, models, adapters, datasets, factories, policies } = drafts;
  return [
    ...[hosts, models, adapters, datasets, factories, policies].flatMap((items) =>
      twice(items.flatMap(named)),
    ),
    ...twice(factories.flatMap(callable)),
  ];
}

function twice(bearers: readonly Bearer[]): readonly Diagnostic[] {
  const first = new Map<string, Bearer>();
  const found: Diagnostic[] = [];
  for (const bearer of bearers) {
    const { what, name, at, owner } = bearer;
    const other = first.get(name);
    if (other === undefined) first.set(name, bearer);
    else if (owner === undefined || owner === other.owner || owner.name !== other.owner?.name) {
      const same = what === other.what;
      found.push({
        code: "check/duplicate-name",
        severity: "error",
        message: same
          ? `a second ${what} is called ${name}`
          : `a ${what} is called ${name}, and so is a ${other.what}`,
        at,
        cure: same ? "rename one of them" : "rename one of them: callers ask for both by name",
        also: [{ message: same ? "the first" : `the ${other.what}`, at: other.at }],
      });
    }
  }
  return found;
}

function named({ kind, name, at }: Draft<Kind>): readonly Bearer[] {
  return name === undefined ? [] : [{ what: kind, name, at }];
}

/** Deployments and routes share one space of names in the whole fleet. */
function callable(factory: Draft<"factory">): readonly Bearer[] {
  const inside = (field: "deployments" | "routes", what: string) =>
    (factory.keysAt([field]) ?? []).map((name) => ({
      what,
      name,
      at: factory.spanOf([field, name], "key"),
      owner: factory,
    }));
  return [...inside("deployments", "deployment"), ...inside("routes", "route")];
}
