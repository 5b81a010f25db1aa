/**
 * Definitions checked as TypeScript, by TypeScript 7's own `tsc`.
 *
 * In: a source tree. Out: its type errors as diagnostics; and, of these, the ones that nobody has said yet.
 * Promise: tsc runs as a process of its own and is handed every file by us, from memory: it reads nothing of the disk,
 * whatever a definition imports or refers to; it is stopped when it takes too long or too much memory.
 */
export { typeErrors } from "./type-errors.ts";
export { unsaid } from "./unsaid.ts";
