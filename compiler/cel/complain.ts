import type { Place } from "./node.ts";
import type { Type } from "./type.ts";

/** Collects what is wrong; the part may then be anything, so that nothing else is told because of it. */
export type Complain = (place: Place, message: string, cure: string) => Type;
