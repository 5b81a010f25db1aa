/** One measurement in a process of its own: `node child.ts WHAT [REPOSITORY BEFORE AFTER]`. Says `{ times, counts }`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { certificateFaults } from "@millwright/schema";
import { ts } from "ts-morph";
import { check } from "../../../compiler/check/check.ts";
import { type Compiled, newSession } from "../../../compiler/compile.ts";
import type { Stage } from "../../../compiler/diagnostic/diagnostic.ts";
import { evaluated } from "../../../compiler/evaluate/evaluate.ts";
import { readLock } from "../../../compiler/lock/lock.ts";
import { place } from "../../../compiler/place/place.ts";
import { initTrust, release } from "../../../compiler/release/release.ts";
import { render } from "../../../compiler/render/render.ts";
import { readCommit, type SourceTree } from "../../../compiler/source/source.ts";
import { certificateOf } from "../../../compiler/sovereignty/certificates.ts";
import { breachesOf, fixpointOf } from "../../../compiler/sovereignty/fixpoint.ts";
import { prove } from "../../../compiler/sovereignty/sovereignty.ts";
import { graphOf } from "./graph.ts";

export interface Timed {
  /** Milliseconds. */
  readonly times: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

const [, , what = "", path = "", before = "", after = ""] = argv;
const { signal } = new AbortController();
const times: Record<string, number> = {};
const counts: Record<string, number> = {};

const measures: Readonly<Record<string, () => Promise<void>>> = {
  async floor() {
    for (const commit of [before, after])
      for (const [file, bytes] of (await readCommit(path, commit, signal)).files)
        if (file.endsWith(".ts"))
          ts.createSourceFile(file, new TextDecoder().decode(bytes), ts.ScriptTarget.ESNext);
  },
  async "read-sets"() {
    const session = newSession();
    const plansAt = async (commit: string) =>
      sound(session.compile(await readCommit(path, commit, signal))).plans;
    const [old, now] = [await plansAt(before), await plansAt(after)];
    counts["changed"] = [...now].filter(
      ([host, { digest }]) => old.get(host)?.digest !== digest,
    ).length;
    // Whoever is not rendered keeps the very plan of the first commit.
    counts["rendered"] = [...now].filter(([host, plan]) => old.get(host) !== plan).length;
  },
  async sovereignty() {
    const graph = graphOf(100_000);
    counts["edges"] = graph.edges.length;
    const fixpoint = clock("labels and every edge", () => {
      const found = fixpointOf(graph);
      if (breachesOf(graph, found).length > 0) throw new Error("the graph leaks");
      return found;
    });
    const certificate = clock("the certificate", () => certificateOf(graph, fixpoint));
    const faults = clock("the independent checker", () => certificateFaults(certificate));
    if (faults.length > 0) throw new Error(faults[0]);
  },
  async release() {
    const keysDir = mkdtempSync(join(tmpdir(), "millwright-bench-keys-"));
    try {
      await initTrust({ repository: path, keysDir, now: Date.now() }, signal);
      const tree = await readCommit(path, before, signal);
      const begun = performance.now();
      const values = evaluated(tree);
      const definitions = sound(check(values));
      const lock = sound(readLock(tree));
      const proved = sound(prove(definitions, sound(place(definitions, lock))));
      times["compile"] = performance.now() - begun;
      const plans = clock("render", () => sound(render(definitions, proved)));
      await released(
        "release",
        { ...plans, definitions, proved, lock: lock?.sha256 },
        tree,
        keysDir,
      );
      const touched = await touchTen();
      const again = sound(newSession().compile(touched));
      await released("again", again, touched, keysDir);
      const names = git("diff", "--name-only", "releases~1", "releases", "--", "plans");
      counts["written"] = names.split("\n").filter((name) => name !== "").length;
    } finally {
      rmSync(keysDir, { recursive: true, force: true });
    }
  },
};

async function released(
  name: string,
  compiled: Compiled,
  { repository, at }: SourceTree,
  keysDir: string,
): Promise<void> {
  if (at === undefined) throw new Error("no commit");
  const begun = performance.now();
  await release(
    {
      repository: path,
      source: { repository, at },
      compiled,
      signer: { keysDir },
      now: Date.now(),
    },
    signal,
  );
  times[name] = performance.now() - begun;
}

/** Ten hosts listen elsewhere, in a commit of its own. */
async function touchTen(): Promise<SourceTree> {
  git("checkout", "-q", before);
  for (let index = 0; index < 10; index += 1) {
    const file = join(path, `factories/hosts/host-${String(index * 10).padStart(5, "0")}.ts`);
    writeFileSync(file, readFileSync(file, "utf8").replace(":7430", ":7431"));
  }
  git("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "-qam", "ten");
  return readCommit(path, git("rev-parse", "HEAD").trim(), signal);
}

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", path, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 ** 2,
  });
}

function clock<T>(name: string, run: () => T): T {
  const begun = performance.now();
  const value = run();
  times[name] = performance.now() - begun;
  return value;
}

function sound<T>(stage: Stage<T>): T {
  if (!stage.ok) throw new Error(stage.problems.map(({ message }) => message).join("\n"));
  return stage.value;
}

const measure = Object.hasOwn(measures, what) ? measures[what] : undefined;
if (measure === undefined) throw new Error(`no measurement ${what}`);
await measure();
stdout.write(JSON.stringify({ times, counts } satisfies Timed));
