import { once } from "node:events";
import { startGit } from "../source/source.ts";

/** Bytes that one git process may say. */
const MOST = 64 * 1024 ** 2;

export type GitAnswer =
  | { readonly kind: "said"; readonly text: string }
  /** Git ended with an error: there is no such thing here. */
  | { readonly kind: "refused" }
  | { readonly kind: "too-much" };

/** One git process, heard to its end. Rejects when the signal aborts or git cannot be started. */
export async function runGit(
  repository: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<GitAnswer> {
  signal.throwIfAborted();
  const child = startGit(repository, args, signal);
  const ended = Promise.allSettled([once(child, "close")]);
  child.stdin.on("error", (error) => child.stdout.destroy(error));
  child.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST) {
      child.kill();
      return { kind: "too-much" };
    }
    chunks.push(chunk);
  }
  const [end] = await ended;
  if (end?.status === "rejected") throw end.reason;
  if (end?.value[0] !== 0) return { kind: "refused" };
  return { kind: "said", text: new TextDecoder().decode(Buffer.concat(chunks)) };
}
