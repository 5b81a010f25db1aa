import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@millwright/schema";
import { readIfThere } from "../disk/disk.ts";

/** The name of the engine's log inside the runner's folder. */
export const LOG = "log";
/** What a runner that could not load its model leaves behind. */
export const FAILURE = "failure.json";

const TAIL_BYTES = 8192;

/** The last lines of the engine's own log. */
export async function tailOf(folder: string): Promise<readonly string[]> {
  try {
    await using file = await open(join(folder, LOG));
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(TAIL_BYTES),
      position: Math.max(0, size - TAIL_BYTES),
    });
    return buffer
      .toString("utf8", 0, bytesRead)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-20);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Why a load ended, in the engine's own words: its log says more than its exception. */
export async function lastWords(folder: string): Promise<string> {
  const lines = await tailOf(folder);
  const telling = lines
    .filter((line) => /error|fail|invalid|unsupported|assert|unknown|missing/i.test(line))
    // What it knows of the model, which may say that something is unknown.
    .filter((line) => !line.startsWith("print_info:"))
    .slice(-3);
  const reason = await reasonOf(folder);
  const words = [...(telling.length > 0 ? telling : lines.slice(-2)), ...reason];
  return [...new Set(words)].join("; ");
}

async function reasonOf(folder: string): Promise<readonly string[]> {
  const failure = parseJson((await readIfThere(join(folder, FAILURE)))?.toString("utf8") ?? "");
  return typeof failure === "object" &&
    failure !== null &&
    "reason" in failure &&
    typeof failure.reason === "string"
    ? [failure.reason]
    : [];
}
