/**
 * One measurement in a process of its own, so that nothing is warm: `compile-child.ts WHAT REPOSITORY BEFORE AFTER`.
 * Prints the milliseconds of each part, and the peak of memory in MiB. The time to load modules is not in them.
 */
import { argv, resourceUsage, stdout } from "node:process";
import { ts } from "ts-morph";
import { parseAllDocuments } from "yaml";
import { check } from "../../../compiler/check/check.ts";
import { newSession } from "../../../compiler/compile.ts";
import type { Stage } from "../../../compiler/diagnostic/diagnostic.ts";
import { evaluated } from "../../../compiler/evaluate/evaluate.ts";
import { readLock } from "../../../compiler/lock/lock.ts";
import { place } from "../../../compiler/place/place.ts";
import { render } from "../../../compiler/render/render.ts";
import { readCommit, type SourceTree } from "../../../compiler/source/source.ts";
import { prove } from "../../../compiler/sovereignty/sovereignty.ts";
import { edited, editedHost } from "./repository.ts";

const [, , what = "", path = "", before = "", after = ""] = argv;
const signal = new AbortController().signal;
const times: Record<string, number> = {};

const measures: Readonly<Record<string, () => Promise<void>>> = {
  async floor() {
    const { files } = await readCommit(path, before, signal);
    clock("floor", () => parseAll(files));
    clock("yaml", () => parseYaml(files));
  },
  async cold() {
    const tree = await timed("source", () => readCommit(path, before, signal));
    const values = clock("evaluate", () => evaluated(tree));
    const definitions = sound(clock("check", () => check(values)));
    const lock = sound(clock("lock", () => readLock(tree)));
    const placement = sound(clock("place", () => place(definitions, lock)));
    const proved = sound(clock("prove", () => prove(definitions, placement)));
    sound(clock("render", () => render(definitions, proved)));
  },
  async warm() {
    const tree = await readCommit(path, before, signal);
    const session = newSession();
    sound(session.compile(tree));
    // The first edits find code that has hardly run; an editor's user makes many.
    for (let edit = 0; edit < 8; edit += 1) {
      const text = new TextDecoder().decode(tree.files.get(editedHost));
      const changed = Buffer.from(edit % 2 === 0 ? edited(text) : text);
      const files = new Map([...tree.files, [editedHost, changed]]);
      clock(`warm ${edit}`, () => sound(session.compile({ ...tree, files })));
    }
  },
  async diff() {
    await timed("diff", async () => {
      const session = newSession();
      const plansAt = async (commit: string) =>
        sound(session.compile(await readCommit(path, commit, signal))).plans;
      const [old, now] = [await plansAt(before), await plansAt(after)];
      times["changed"] = [...now].filter(
        ([host, { digest }]) => old.get(host)?.digest !== digest,
      ).length;
    });
  },
};

function parseAll(files: SourceTree["files"]): void {
  for (const [file, bytes] of files)
    if (file.endsWith(".ts"))
      ts.createSourceFile(file, new TextDecoder().decode(bytes), ts.ScriptTarget.ES2023);
}

/** What the library alone takes over definitions in YAML, without the lock. */
function parseYaml(files: SourceTree["files"]): void {
  for (const [file, bytes] of files)
    if (file.endsWith(".yaml") && !file.endsWith(".lock.yaml"))
      parseAllDocuments(new TextDecoder().decode(bytes), { prettyErrors: false });
}

function clock<T>(name: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  times[name] = performance.now() - start;
  return result;
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  times[name] = performance.now() - start;
  return result;
}

function sound<T>(stage: Stage<T>): T {
  if (stage.ok) return stage.value;
  throw new Error(`the bench's own repository is unsound: ${stage.problems[0]?.message}`);
}

const measure = Object.hasOwn(measures, what) ? measures[what] : undefined;
if (measure === undefined) throw new Error(`there is no measure ${what}`);
await measure();
stdout.write(JSON.stringify({ times, peak: resourceUsage().maxRSS / 1024 } satisfies Measured));

export interface Measured {
  readonly times: Readonly<Record<string, number>>;
  readonly peak: number;
}
