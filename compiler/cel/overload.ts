import type { Meter } from "./meter.ts";
import type { Type } from "./type.ts";
import { kindOfValue, type Value } from "./value.ts";

/** Why there is no value. */
export class Wrong {
  readonly message: string;
  readonly cure: string;
  constructor(message: string, cure: string) {
    this.message = message;
    this.cure = cure;
  }
}

/** One way in which a function may be called: what the checker asks, and what the evaluator does. */
export interface Overload {
  readonly method: boolean;
  readonly takes: readonly Type[];
  readonly gives: Type;
  readonly apply: (args: readonly Value[], meter: Meter) => Value | Wrong;
}

/** Whether a value can be handed to a parameter. */
export function takes({ kind }: Type, value: Value): boolean {
  return kind === "any" || kind === kindOfValue(value);
}
