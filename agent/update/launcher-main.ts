/**
 * What systemd starts: becomes the agent that is to run, in the same process, so that the service manager watches the
 * agent itself. It belongs to the package, no update changes it, and it needs nothing but Node. Whatever it finds in
 * the state folder, it starts an agent: without a pointer that it can read, the package's own.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { type Choice, choose } from "./choose.ts";
import { environmentOf, nodeOptions } from "./launched.ts";
import { type Pointer, parsePointer, pointerText, type Slot } from "./pointer.ts";
import {
  forgetWords,
  isWhole,
  lastWords,
  parts,
  pointerIn,
  REPORT,
  slotIn,
  slotsIn,
} from "./slot-files.ts";

const args = process.argv.slice(2);
const state = resolve(stateIn(args) ?? "/var/lib/millwright");
const home = join(import.meta.dirname, "../..");
const packaged = versionOf(join(home, "agent/package.json"));

const choice = settled(
  choose({
    pointer: readPointer(),
    packaged,
    isWhole: (slot) => isWhole(state, slot),
    words: () => lastWords(state),
  }),
);
become(choice);

/** `--state FOLDER`, or `--state=FOLDER`: as the agent itself takes it. */
function stateIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === "--state" || word.startsWith("--state="));
  const word = words[at];
  return word === "--state" ? words[at + 1] : word?.slice("--state=".length);
}

/** Writes down what the choice rests on; a choice that could not be written down is another. */
function settled(chosen: Choice): Choice {
  if (chosen.write === undefined) return chosen;
  try {
    writePointer(chosen.write);
    if (chosen.isTrial) forgetWords(state);
    return chosen;
  } catch (error) {
    process.stderr.write(`${pointerIn(state)} cannot be written: ${String(error)}\n`);
    const { otherwise } = chosen;
    return { isTrial: false, ...(otherwise !== undefined && { slot: otherwise }) };
  }
}

function become({ slot, isTrial }: Choice): never {
  const [node, root] = placeOf(slot);
  const launched = {
    ...{ node: process.execPath, launcher: import.meta.filename, args, packaged, isTrial },
    slot: slot?.slot ?? null,
  };
  // Why a new agent died is written down by Node; without its environment, which is nobody's business.
  const reporting = [
    "--report-uncaught-exception",
    "--report-on-fatalerror",
    "--report-exclude-env",
    "--report-exclude-network",
    "--report-compact",
    `--report-directory=${slotsIn(state)}`,
    `--report-filename=${REPORT}`,
  ];
  const options = [...nodeOptions, ...(isTrial ? reporting : [])];
  const argv = [node, ...options, join(root, parts.main), ...args];
  const env = Object.entries({ ...process.env, ...environmentOf(launched) });
  const defined = env.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  if (process.execve === undefined) throw new Error("impossible: this is no Unix");
  return process.execve(node, argv, Object.fromEntries(defined));
}

function placeOf(slot: Slot | undefined): readonly [node: string, root: string] {
  if (slot === undefined) return [process.execPath, home];
  const root = slotIn(state, slot.slot);
  return [join(root, parts.node), root];
}

function readPointer(): Pointer | undefined {
  try {
    return parsePointer(readFileSync(pointerIn(state), "utf8"));
  } catch {
    // None yet, or unreadable: the package's own agent runs, and tells what is wrong with the folder.
    return undefined;
  }
}

/** Old or new after a power cut. */
function writePointer(pointer: Pointer): void {
  const path = pointerIn(state);
  const temporary = `${path}.new`;
  mkdirSync(slotsIn(state), { recursive: true, mode: 0o700 });
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, pointerText(pointer));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(slotsIn(state), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function versionOf(path: string): string {
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}
