import { spawn } from "node:child_process";
import { Failure } from "../life/life.ts";
import { endOrLeave } from "./left-behind.ts";

const MAX_BYTES = 1_000_000;

/**
 * What a tool prints, when it ends well and in time. Tools hang, and start others that hang: it gets a process group
 * of its own, which is killed as a whole. Throws; with `ENOENT` when there is no such tool.
 */
export async function outputOf(
  command: string,
  args: readonly string[],
  limitMs: number,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group has ended by itself.
    }
  };
  either.addEventListener("abort", kill, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BYTES) kill();
    else chunks.push(chunk);
  });
  try {
    let how: string | undefined;
    const closed = new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, name) => {
        how = code === 0 ? undefined : `${name ?? code}`;
        resolve();
      });
    });
    await endOrLeave(child, closed, either);
    signal.throwIfAborted();
    if (limit.aborted)
      throw new Failure("hardware/tool-hangs", `${command} did not end within ${limitMs} ms`);
    if (size > MAX_BYTES) throw new Failure("hardware/tool-failed", `${command} says too much`);
    if (how !== undefined)
      throw new Failure("hardware/tool-failed", `${command} ended with ${how}`);
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    either.removeEventListener("abort", kill);
    kill();
  }
}
