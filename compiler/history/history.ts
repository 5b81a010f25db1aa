/**
 * Who wrote it, and when it changed: what git knows of lines, of definitions, and of what was released to a host.
 *
 * In: a repository, a commit or the folder as it lies, and ranges of lines, the name of a definition, or of a host.
 * Out: the newest commit that wrote in a range; the commits at which a definition's value changed; the revisions that
 * changed the values of a plan. Or why nobody can know.
 * Promise: asks git alone and runs nothing else of a repository; ends in bounded time and memory; names, dates and subjects
 * are what authors wrote, unproved, and may hold any character; no signature is verified here.
 */
export type { Authorship, Origin } from "./authorship.ts";
export type { CommitSaid } from "./commit-object.ts";
export { commitsSaid } from "./commits-said.ts";
export {
  type DefinitionHistory,
  definitionHistory,
  type HistoryRequest,
  type Limits,
} from "./definition-history.ts";
export { type Difference, differencesBetween } from "./differences.ts";
export type { ChangeStep, HistoryStep, UnreadableStep } from "./history-step.ts";
export {
  type BlamedValue,
  blameHost,
  type HostBlame,
  type HostEnd,
  type HostHistory,
  type HostStep,
  hostHistory,
} from "./host-history.ts";
export type { HostRevision } from "./host-revisions.ts";
export { type LineRange, originsOf } from "./origins.ts";
export { folderIn } from "./repository.ts";
export type { HistoryEnd, Told } from "./told.ts";
