import { isAbsolute, join } from "node:path";

/** A folder for what can be made again, as the XDG Base Directory Specification has it; `undefined` for somebody without a home. */
export function cacheIn(
  { XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv,
  what: "types" | "code" | "diff",
): string | undefined {
  // A relative path is to be ignored, says the specification: it would lead into a repository, which may hold anything.
  const base =
    cache !== undefined && isAbsolute(cache) ? cache : home ? join(home, ".cache") : undefined;
  return base && join(base, "millwright", what);
}
