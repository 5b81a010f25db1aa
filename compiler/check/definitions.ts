import type { Definition, Kind } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { SpanOf } from "./located.ts";

/** A definition that is valid by itself and whose references all lead somewhere. */
export interface Found<K extends Kind> {
  /** As written, references as names (also where the author passed the definition itself). */
  readonly value: Definition[K];
  /** The name of the definition. */
  readonly at: Span;
  /** The span of a value inside it: `spanOf(["deployments", "triage", "context"])`; the nearest enclosing one if it was not written. */
  readonly spanOf: SpanOf;
}

/** All definitions of a commit, linked: by kind, then by name, sorted by name. */
export interface Definitions {
  readonly fleet: Found<"fleet">;
  readonly hosts: ReadonlyMap<string, Found<"host">>;
  readonly models: ReadonlyMap<string, Found<"model">>;
  readonly adapters: ReadonlyMap<string, Found<"adapter">>;
  readonly datasets: ReadonlyMap<string, Found<"dataset">>;
  readonly factories: ReadonlyMap<string, Found<"factory">>;
  readonly policies: ReadonlyMap<string, Found<"policy">>;
}
