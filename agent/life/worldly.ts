import { Failure } from "./failure.ts";

/** The world failed, not we: a `Failure`, or what the system says of a disk that is full, a file that is gone. */
export function isWorldly(error: unknown): error is Error {
  if (error instanceof Failure) return true;
  // Errors of the system carry an upper-case name: ENOSPC, EACCES, EMFILE.
  return error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
