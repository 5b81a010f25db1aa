/**
 * What the sources of models and agents are: digests, sizes and the facts of their headers.
 *
 * In: sources that definitions name. Out: `factories/models.lock.yaml`, and that file read back.
 * Promise: compilation reads the lock and nothing else from outside the commit.
 */
export { LOCK_PATH } from "../source/source.ts";
export { type AgentPackage, type AgentsOf, agentsIn } from "./agents.ts";
export type {
  AdapterFacts,
  Lock,
  LockedArtifact,
  ModelFacts,
} from "./artifact.ts";
export { lockReader, lockText, placeInLock, readLock } from "./lock-file.ts";
export { lockedPaths } from "./locked-paths.ts";
export { openHttps, reasonOf } from "./open-https.ts";

type Resolve = typeof import("./resolve-source.ts").resolveSource;

/** What a source is, freshly read. Loaded when first called: GGUF brings much that a compilation has no use for. */
export const resolveSource: Resolve = async (...source) => {
  const { resolveSource } = await import("./resolve-source.ts");
  return resolveSource(...source);
};
