/**
 * Who wrote it: what git knows of the lines that a value comes from.
 *
 * In: a repository, a commit or the folder as it lies, and ranges of lines. Out: for each the newest commit that
 * wrote in it, or why nobody can know.
 * Promise: asks git alone and runs nothing else of a repository; ends in bounded time and memory; names, dates and subjects
 * are what authors wrote, unproved, and may hold any character.
 */
export type { Authorship, Origin } from "./authorship.ts";
export { type LineRange, originsOf } from "./origins.ts";
export { folderIn } from "./repository.ts";
