import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { originsOf } from "../../compiler/history/history.ts";
import { originsWithin } from "../../compiler/history/origins.ts";
import {
  commit,
  file,
  git,
  lines,
  never,
  repository,
  subjects,
  temporary,
  three,
  write,
} from "./history-kit.ts";

describe("the folder as it lies", () => {
  test("changed lines are uncommitted, also when only one of a range is; staged ones, too", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    write(folder, { [file]: "one\nchanged\nthree\n" });
    const ranges = [lines(1), lines(2), lines(1, 3)];
    const answers = ["first", "uncommitted", "uncommitted"];
    expect(await subjects(folder, undefined, ...ranges)).toEqual(answers);
    git(folder, "add", ".");
    expect(await subjects(folder, undefined, ...ranges)).toEqual(answers);
  });

  test("a file that git does not have yet: untracked, ignored, staged, and before the first commit", async () => {
    const folder = repository();
    write(folder, { ...three, "factories/deep/b.ts": "b\n" });
    expect(await subjects(folder, undefined, lines(1))).toEqual(["uncommitted"]);
    write(folder, { ".gitignore": "a.ts\nb.ts\n", "factories/c.ts": "c\n" });
    commit(folder, "first");
    const all = [lines(2), lines(1, 1, "factories/deep/b.ts"), lines(1, 1, "factories/d.ts")];
    write(folder, { "factories/d.ts": "d\n" });
    git(folder, "add", "factories/d.ts");
    expect(await subjects(folder, undefined, ...all)).toEqual(all.map(() => "uncommitted"));
  });

  test("a file that is not there, and one of a submodule, are unknown and never uncommitted", async () => {
    const inner = repository();
    write(inner, { "inner.ts": "inner\n" });
    commit(inner, "inner");
    const folder = repository();
    write(folder, three);
    git(folder, "submodule", "--quiet", "add", inner, "factories/sub");
    commit(folder, "first");
    const sub = "factories/sub/inner.ts";
    expect(
      await subjects(
        folder,
        undefined,
        lines(1, 1, sub),
        lines(1, 1, "factories/none.ts"),
        lines(1),
      ),
    ).toEqual([
      `unknown: ${sub} belongs to another repository, a submodule`,
      "unknown: there is no factories/none.ts",
      "first",
    ]);
  });
});

describe("what cannot be known is said, with why", () => {
  test("a shallow clone proves nothing of the commit at which it breaks off, but all that came later", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    write(folder, { [file]: "one\ntwo\nTHREE\n" });
    const second = commit(folder, "second");
    write(folder, { [file]: "one\nTWO\nTHREE\n" });
    const third = commit(folder, "third");
    const clone = join(temporary(), "clone");
    git(folder, "clone", "-q", "--depth", "2", `file://${folder}`, clone);
    const [one, two, three_, all] = await subjects(
      clone,
      third,
      lines(1),
      lines(2),
      lines(3),
      lines(1, 3),
    );
    expect(two).toBe("third");
    expect(all).toBe("third");
    expect(one).toBe(three_);
    expect(one).toMatch(/^unknown: the clone is shallow: its history ends at /);
    expect(one).toContain(second.slice(0, 12));
  });

  test("a first commit of a whole clone is no boundary", async () => {
    const folder = repository();
    write(folder, three);
    const id = commit(folder, "first");
    expect(await subjects(folder, id, lines(1))).toEqual(["first"]);
  });

  test("no repository, no such folder, no such file in a commit, a commit that git does not have", async () => {
    const folder = repository();
    write(folder, three);
    const id = commit(folder, "first");
    const empty = temporary();
    expect(await subjects(empty, undefined, lines(1))).toEqual([
      `unknown: ${empty} is no git repository that can be read`,
    ]);
    expect(await subjects(folder, id, lines(1, 1, "factories/none.ts"))).toEqual([
      `unknown: git knows no factories/none.ts in ${id.slice(0, 12)}: a shallow or damaged clone?`,
    ]);
    const [origin] = await originsOf(folder, "0".repeat(39).concat("1"), [lines(1)], never);
    expect(origin?.kind).toBe("unknown");
  });

  test("what is no commit id never gets to git", async () => {
    const folder = repository();
    await expect(originsOf(folder, "--output=x", [lines(1)], never)).rejects.toThrow("impossible");
  });

  test("git that takes too long is given up, and an abort is an abort", async () => {
    const folder = repository();
    write(folder, { ...three, ".gitattributes": "*.ts filter=slow\n" });
    commit(folder, "first");
    // The user's own configuration: git then runs this for every file of the folder that it reads.
    git(folder, "config", "filter.slow.clean", "sleep 5; cat");
    write(folder, { [file]: "one\ntwo\nthree changed\n" });
    expect(await originsWithin(300, folder, undefined, [lines(1)], never)).toEqual([
      { kind: "unknown", why: "git took longer than 0.3 seconds" },
    ]);
    const stop = new AbortController();
    const asked = originsOf(folder, undefined, [lines(1)], stop.signal);
    setTimeout(() => stop.abort(), 200);
    await expect(asked).rejects.toThrow();
  });

  test("no ranges, no answers", async () => {
    expect(await originsOf(temporary(), undefined, [], never)).toEqual([]);
  });
});
