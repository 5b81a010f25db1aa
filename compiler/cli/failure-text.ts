import { Failure } from "../failure.ts";

/** What to tell about an error that the world caused; `undefined` for one of ours, which must end the process. */
export function failureOf(
  error: unknown,
): { readonly code: string; readonly message: string } | undefined {
  if (error instanceof Failure) return { code: error.code, message: error.message };
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // Errors of the system carry an upper-case name: ENOSPC, EACCES, EADDRINUSE.
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return { code: `system/${code.toLowerCase()}`, message };
  return undefined;
}
