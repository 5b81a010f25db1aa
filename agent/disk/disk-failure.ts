import { Failure, messageOf } from "../life/life.ts";

const cures: Readonly<Record<string, string>> = {
  EACCES:
    "It belongs to another user. Run millwright-agent install, which hands the folder over, or chown -R it to the user of the agent",
  EPERM: "It belongs to another user, or is marked immutable: see ls -la and lsattr",
  EROFS:
    "The disk is mounted read-only, which the kernel does when it fails: see dmesg, repair it, and mount it again",
  ENOSPC: "The disk is full: free some of it",
  EDQUOT: "The quota of the agent's user is used up: raise it, or free some of it",
  EIO: "The disk fails: see dmesg and smartctl, and exchange it",
  EISDIR: "There is a folder where a file should be: move it away",
  ENOTDIR: "There is a file where a folder should be: move it away",
};

/** What the disk refused, with what to do about it. What is no error of the system is thrown as it is: it is ours. */
export function diskFailure(
  path: string,
  done: "read" | "written" | "made",
  cause: unknown,
): Failure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!/^E[A-Z0-9]+$/.test(code)) throw cause;
  const cure = cures[code] ?? "Look at its rights, its mount and its health";
  return new Failure(
    done === "read" ? "disk/cannot-read" : "disk/cannot-write",
    `${path} cannot be ${done} (${messageOf(cause)}). ${cure}.`,
    { cause },
  );
}
