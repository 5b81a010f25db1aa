import { lstat, readFile } from "node:fs/promises";
import { basename, isAbsolute } from "node:path";
import { Failure } from "../life/life.ts";

/** Where a host's operator says which programs plans may start. */
export const ENGINES = "/etc/millwright/engines";

const GROUP_OR_OTHERS_WRITE = 0o022;

/**
 * The program of a plan's command, as the operator's list has it. Throws Failure `runner/engine-not-allowed`.
 *
 * Escalation: a plan is signed by people who may not be those who answer for this host, and it names programs. What
 * runs here is said by a file that root writes. Each line is the beginning of a command, its first word a path: a line
 * with an interpreter alone would allow everything, so that it may go on with the arguments that must follow.
 */
export async function allowedProgram(command: readonly string[], list: string): Promise<string> {
  const [program = "", ...rest] = command;
  const isMeant = ([path = "", ...fixed]: readonly string[]) =>
    (isAbsolute(program) ? path === program : isAbsolute(path) && basename(path) === program) &&
    fixed.every((word, index) => rest[index] === word);
  const found = (await linesOf(list)).find(isMeant);
  if (found?.[0] !== undefined) return found[0];
  const path = isAbsolute(program) ? program : `/…/${program}`;
  // `python3 -m sglang.launch_server`: what runs is said by the first words, not by the interpreter alone.
  const fixed = rest[0] === "-m" && rest[1] !== undefined ? ["-m", rest[1]] : [];
  throw new Failure(
    "runner/engine-not-allowed",
    `The plan starts ${[program, ...fixed].join(" ")}, which ${list} does not list. If this host may run it, let root add the line: ${[path, ...fixed].join(" ")}`,
  );
}

/** The lines of the list, in words; none when there is no list. */
async function linesOf(list: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(list, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw new Failure("runner/engine-not-allowed", `${list} cannot be read: ${error.message}`, {
      cause: error,
    });
  });
  if (text !== "") await demandSafe(list);
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/));
}

/** Whoever may write the list decides what runs here. */
async function demandSafe(list: string): Promise<void> {
  const { uid, mode } = await lstat(list);
  const isSafe = (uid === 0 || uid === process.getuid?.()) && (mode & GROUP_OR_OTHERS_WRITE) === 0;
  if (!isSafe)
    throw new Failure(
      "runner/engine-not-allowed",
      `${list} can be written by others than root, so it allows nothing: chown root ${list} && chmod 644 ${list}`,
    );
}
