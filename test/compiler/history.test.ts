import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderIn, originsOf } from "../../compiler/history/history.ts";
import {
  clock,
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

describe("who wrote these lines", () => {
  test("the commit, its author, when, and under which path", async () => {
    const folder = repository();
    write(folder, three);
    const id = commit(folder, "first: three lines", "Grace Hopper <grace@example.org>");
    const [origin] = await originsOf(folder, undefined, [lines(2)], never);
    expect(origin).toEqual({
      kind: "commit",
      authorship: {
        commit: id,
        author: "Grace Hopper",
        email: "grace@example.org",
        date: new Date((clock + 7_200) * 1_000).toISOString().replace(".000Z", "+02:00"),
        subject: "first: three lines",
        path: file,
      },
    });
  });

  test("of several lines the newest commit counts; each range has its own answer, in order", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    write(folder, { [file]: "one\nTWO\nthree\n" });
    commit(folder, "second");
    write(folder, { [file]: "one\nTWO\nTHREE\n" });
    const last = commit(folder, "third");
    const ranges = [lines(3), lines(1), lines(1, 2), lines(2, 3), lines(1, 3), lines(1)];
    expect(await subjects(folder, last, ...ranges)).toEqual([
      "third",
      "first",
      "second",
      "third",
      "third",
      "first",
    ]);
  });

  test("as of a commit nothing later is seen", async () => {
    const folder = repository();
    write(folder, three);
    const first = commit(folder, "first");
    write(folder, { [file]: "ONE\ntwo\nthree\n" });
    commit(folder, "second");
    write(folder, { [file]: "uncommitted\ntwo\nthree\n" });
    expect(await subjects(folder, first, lines(1))).toEqual(["first"]);
  });

  test("a merge gives each line to the side that wrote it, and to itself what it resolved", async () => {
    const folder = repository();
    write(folder, { [file]: "a\n\n\n\nb\n\n\n\nc\n" });
    commit(folder, "base");
    git(folder, "checkout", "-q", "-b", "side");
    write(folder, { [file]: "side\n\n\n\nb\n\n\n\nside\n" });
    commit(folder, "side");
    git(folder, "checkout", "-q", "main");
    write(folder, { [file]: "a\n\n\n\nmain\n\n\n\nmain\n" });
    commit(folder, "main");
    expect(() => git(folder, "merge", "side")).toThrow();
    write(folder, { [file]: "side\n\n\n\nmain\n\n\n\nboth\n" });
    const merge = commit(folder, "merge");
    expect(await subjects(folder, merge, lines(1), lines(5), lines(9), lines(2))).toEqual([
      "side",
      "main",
      "merge",
      "base",
    ]);
  });

  test("a renamed file keeps its authors, and says what it was called", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    mkdirSync(join(folder, "factories/new"));
    renameSync(join(folder, file), join(folder, "factories/new/ü.ts"));
    commit(folder, "renamed");
    const [origin] = await originsOf(folder, undefined, [lines(1, 1, "factories/new/ü.ts")], never);
    expect(origin).toMatchObject({ authorship: { subject: "first", path: file } });
  });

  test("a copied line belongs to who copied it: it is he who gave it to another host", async () => {
    const folder = repository();
    const long =
      "export const replicas = { many: 100, because: 'a line long enough for git -C' };\n";
    write(folder, { [file]: long });
    commit(folder, "first", "Ada <ada@example.org>");
    write(folder, { [file]: `${long}// touched\n${long}`, "factories/b.ts": long });
    const copy = commit(folder, "copied", "Mallory <mallory@example.org>");
    const ranges = [lines(1), lines(3), lines(1, 1, "factories/b.ts")];
    expect(await subjects(folder, copy, ...ranges)).toEqual(["first", "copied", "copied"]);
  });

  test("a list of commits to overlook hides nobody", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    write(folder, { [file]: "one\ntwo \nthree\n" });
    const second = commit(folder, "second");
    write(folder, { ignored: `${second}\n` });
    git(folder, "config", "blame.ignoreRevsFile", "ignored");
    expect(await subjects(folder, second, lines(2))).toEqual(["second"]);
    // Git itself refuses when the list is not there. That makes nothing uncommitted.
    git(folder, "config", "blame.ignoreRevsFile", "missing");
    expect(await subjects(folder, undefined, lines(2))).toEqual([
      `unknown: git has ${file}, but cannot say who wrote it: see what git blame says`,
    ]);
  });

  test.each([
    ["blanks", "factories/ein Name.ts"],
    ["an emoji and quotes", 'factories/"🧵" ü.ts'],
    ["a tab, a line feed and a backslash", "factories/a\tb\nc\\d.ts"],
    ["a leading dash", "-L1.ts"],
    ["what git would take for a pattern", "factories/[a]*?.ts"],
    ["what git would take for a magic path", ":(top)a.ts"],
  ])("a file whose name has %s", async (_, name) => {
    const folder = repository();
    write(folder, { [name]: "one\n", "factories/aa.ts": "other\n" });
    const id = commit(folder, "odd");
    const wanted = { kind: "commit", authorship: { subject: "odd", path: name } };
    for (const at of [undefined, id])
      expect(await originsOf(folder, at, [lines(1, 1, name)], never)).toMatchObject([wanted]);
  });

  test("CRLF, a last line without an end, and places behind the last line", async () => {
    const folder = repository();
    write(folder, { [file]: "one\r\ntwo\r\nthree", "factories/empty.ts": "" });
    const id = commit(folder, "first");
    const ranges = [lines(2), lines(3), lines(3, 9), lines(7), lines(1, 1, "factories/empty.ts")];
    const answers = ["first", "first", "first"].concat(
      Array(2).fill("unknown: git has no such line"),
    );
    expect(await subjects(folder, id, ...ranges)).toEqual(answers);
    expect(await subjects(folder, undefined, ...ranges)).toEqual(answers);
  });

  test("a thousand ranges of a file are one question", async () => {
    const folder = repository();
    const many = Array.from({ length: 1_000 }, (_, index) => index + 1);
    write(folder, { [file]: many.map((each) => `${each}\n`).join("") });
    commit(folder, "first");
    const changed = many.map((each) => (each === 500 ? "five hundred\n" : `${each}\n`));
    write(folder, { [file]: changed.join("") });
    const id = commit(folder, "second");
    const said = await subjects(folder, id, ...many.map((line) => lines(line)));
    expect(
      said.map((subject, index) => (subject === "second" ? index + 1 : 0)).filter(Boolean),
    ).toEqual([500]);
  });

  test("a bare repository is asked by commit", async () => {
    const folder = repository();
    write(folder, three);
    const id = commit(folder, "first");
    const bare = join(temporary(), "bare.git");
    git(folder, "clone", "-q", "--bare", folder, bare);
    expect(await subjects(bare, id, lines(1))).toEqual(["first"]);
    expect(await subjects(bare, undefined, lines(1))).toEqual([
      "unknown: a bare repository has no folder as it lies; name a commit",
    ]);
  });

  test("a folder inside a repository is asked with its own paths", async () => {
    const folder = repository();
    write(folder, { [`teams/blue/${file}`]: "one\n" });
    const id = commit(folder, "blue");
    const blue = join(folder, "teams/blue");
    for (const at of [undefined, id])
      expect(await originsOf(blue, at, [lines(1)], never)).toMatchObject([
        { authorship: { subject: "blue", path: `teams/blue/${file}` } },
      ]);
    expect(await folderIn(blue, never)).toBe("teams/blue/");
    expect(await folderIn(folder, never)).toBe("");
    expect(await folderIn(temporary(), never)).toBe("");
  });

  test("texts of authors come as they are, and what is no date is the epoch", async () => {
    const folder = repository();
    write(folder, three);
    commit(folder, "first");
    const tree = git(folder, "rev-parse", "HEAD^{tree}");
    const raw = (time: string) =>
      `tree ${tree}\nauthor \u001b[31mEvil\u202e <a b@x> ${time}\ncommitter C <c@x> 1 +0000\n\n\u001b]0;title\u0007 subject\n`;
    const authored = async (time: string) => {
      const id = execFileSync(
        "git",
        ["-C", folder, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        { input: raw(time), encoding: "utf8" },
      ).trim();
      const [origin] = await originsOf(folder, id, [lines(1)], never);
      return origin?.kind === "commit" ? origin.authorship : undefined;
    };
    expect(await authored("1795423008 -0330")).toMatchObject({
      author: "\u001b[31mEvil\u202e",
      email: "a b@x",
      subject: "\u001b]0;title\u0007 subject",
      date: "2026-11-23T05:06:48-03:30",
    });
    expect((await authored("99999999999999999 +0000"))?.date).toMatch(/^1970-01-01T/);
    expect((await authored("1795423008 +9999"))?.date).toBe("2026-11-23T08:36:48+00:00");
  });
});
