/**
 * How much memory one instance of a deployment takes, and what would make it take less.
 *
 * In: the facts of a model, and how it is to run. Out: bytes, part by part.
 * Promise: pure integers, the same on any machine; as llama.cpp itself says without allocating (the golden test).
 */
export { packs } from "./cache.ts";
export { externalFit } from "./external-fit.ts";
export { fitTable } from "./fit-table.ts";
export { type Fit, memoryOf, type Running } from "./memory.ts";
export { type Remedy, remediesOf } from "./remedies.ts";
