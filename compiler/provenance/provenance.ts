/**
 * Where a value of a plan comes from.
 *
 * In: a source tree, a host, a path in its plan. Out: the value, and what made it, the nearest first: the field it was
 * written in, the names, calls, defaults and spreads it passed through, the literal it began as; or the lock, or the
 * placement. Promise: pure, and lazy: only who asks pays, by an evaluation that takes notes.
 */
import { compile } from "../compile.ts";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import { evaluated, newTrace } from "../evaluate/evaluate.ts";
import { placeInLock } from "../lock/lock.ts";
import type { SourceTree } from "../source/source.ts";
import type { Source } from "./source.ts";
import { sourcesOf } from "./sources.ts";
import { valueAt } from "./value-at.ts";
import { type Link, wayOf } from "./way.ts";

export type { Link } from "./way.ts";

/** A value of a plan and what made it, the nearest first. */
export interface Traced {
  readonly value: unknown;
  readonly chain: readonly Link[];
}

export type Tracing =
  | ({ readonly kind: "traced" } & Traced)
  /** No such host, or no such path in its plan. */
  | { readonly kind: "nowhere"; readonly why: string }
  | { readonly kind: "unsound"; readonly problems: readonly Diagnostic[] };

/** Finds where a value of a host's plan comes from. `path` is written as `deployments.triage.context`. */
export function trace(tree: SourceTree, host: string, path: string): Tracing {
  const compiled = compile(tree);
  if (!compiled.ok) return { kind: "unsound", problems: compiled.problems };
  const { plans, definitions } = compiled.value;
  const rendered = [...plans.values()].find(({ plan }) => plan.host === host);
  if (rendered === undefined) {
    const hosts = [...plans.keys()].slice(0, 20).join(", ");
    return { kind: "nowhere", why: `there is no host ${host}; there are ${hosts}` };
  }
  const found = valueAt(rendered.plan, path);
  if ("why" in found) return { kind: "nowhere", why: `the plan of ${host} has ${found.why}` };
  const sources = sourcesOf(definitions, rendered.plan, found.path);
  const { definitions: values } = evaluated(tree, undefined, newTrace());
  const chain = sources.flatMap((source) => linksOf(source, tree, values));
  return { kind: "traced", value: found.value, chain: withoutRepeats(chain) };
}

function linksOf(
  source: Source,
  tree: SourceTree,
  values: ReturnType<typeof evaluated>["definitions"],
): readonly Link[] {
  switch (source.kind) {
    case "field":
      return wayOf(values, source);
    case "lock": {
      const at = placeInLock(tree, source.source, source.field);
      return [{ what: `lock of ${source.source}`, at }];
    }
    case "computed":
      return [{ what: source.what, at: undefined }];
  }
}

function withoutRepeats(chain: readonly Link[]): readonly Link[] {
  const seen = new Set<string>();
  return chain.filter(({ what, at }) => {
    const key = `${what} ${spanKey(at)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function spanKey(at: Span | undefined): string {
  return at === undefined ? "" : `${at.file} ${at.start} ${at.end}`;
}
