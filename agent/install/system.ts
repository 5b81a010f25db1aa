import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../life/life.ts";

const run = promisify(execFile);

/** The system that is changed. */
export interface Ground {
  /** `/`, or the folder of an image that is prepared for another machine. */
  readonly root: string;
  /** What is done, for a person to read. */
  readonly told: (line: string) => void;
}

const LIMIT_MS = 120_000;

/** Runs a tool of systemd on the ground. Throws Failure with what the tool said. */
export async function tool(
  { root, told }: Ground,
  name: "systemctl" | "systemd-sysusers",
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  told(`${name} ${args.join(" ")}`);
  const where = root === "/" ? [] : [`--root=${root}`];
  try {
    await run(name, [...where, ...args], { timeout: LIMIT_MS, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    throw new Failure(
      "install/tool-failed",
      `${name} ${args.join(" ")} failed: ${said === "" ? String(cause) : said}`,
      { cause },
    );
  }
}

export function isImage({ root }: Ground): boolean {
  return root !== "/";
}

/** Throws Failure when units cannot be changed here. */
export async function demandGround(ground: Ground): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Failure("install/not-root", "Units belong to root. Run this as root.");
  if (isImage(ground) || (await isThere("/run/systemd/system"))) return;
  throw new Failure(
    "install/no-systemd",
    "systemd does not run this machine. Start the agent with millwright-agent run, or prepare an image with --root FOLDER.",
  );
}

export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

export function below(ground: Ground, path: string): string {
  return join(ground.root, path);
}
