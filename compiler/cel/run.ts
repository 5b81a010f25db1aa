import type { Failed } from "./failed.ts";
import type { Meter } from "./meter.ts";
import type { Value } from "./value.ts";

/** Variables by number: first those of the policy, then those of macros, the inner ones last. */
export type Slots = (Value | undefined)[];

/** An expression, ready to be evaluated again and again. */
export type Run = (slots: Slots, meter: Meter) => Value | Failed;
