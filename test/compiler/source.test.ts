import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { evaluate } from "../../compiler/evaluate/evaluate.ts";
import { readCommit, readFolder, type SourceTree } from "../../compiler/source/source.ts";

const signal = new AbortController().signal;

function temporary(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "millwright-source-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function git(folder: string, ...args: readonly string[]): string {
  const always = ["-C", folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
  return execFileSync("git", [...always, "-c", "protocol.file.allow=always", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A repository with these files in its one commit. */
function repository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporary();
  git(folder, "init", "-q", "-b", "main");
  write(folder, files);
  git(folder, "add", ".");
  git(folder, "commit", "-q", "--allow-empty", "-m", "first");
  return folder;
}

function texts({ files }: SourceTree): Record<string, string> {
  return Object.fromEntries(
    [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString("utf8")]),
  );
}

const one = { "factories/a.ts": "export const a = 1;\n" };

describe("what is read", () => {
  test("a commit is read as it was committed, a folder as it lies", async () => {
    const folder = repository(one);
    write(folder, { "factories/a.ts": "export const a = 2;\n", "factories/b.yaml": "new: 1\n" });
    const commit = await readCommit(folder, "HEAD", signal);
    expect(texts(commit)).toEqual(one);
    expect(commit.at).toEqual({
      commit: git(folder, "rev-parse", "HEAD"),
      tree: git(folder, "rev-parse", "HEAD^{tree}"),
    });
    const lying = await readFolder(folder, signal);
    expect(texts(lying)).toEqual({
      "factories/a.ts": "export const a = 2;\n",
      "factories/b.yaml": "new: 1\n",
    });
    expect(lying.at).toBeUndefined();
  });

  test("only definitions and the lock, never what tools leave there", async () => {
    const files = {
      ...one,
      "factories/deep/er/b.yml": "b: 1\n",
      "factories/models.lock.yaml": "schema: lock/1\n",
      "factories/README.md": "no\n",
      "factories/model.gguf": "no\n",
      "factories/types.d.ts": "no\n",
      "factories/.hidden/c.ts": "no\n",
      "factories/node_modules/d/d.ts": "no\n",
      "elsewhere/e.ts": "no\n",
      "factories-old/f.ts": "no\n",
    };
    const folder = repository(files);
    const wanted = ["factories/a.ts", "factories/deep/er/b.yml", "factories/models.lock.yaml"];
    expect([...(await readCommit(folder, "HEAD", signal)).files.keys()].sort()).toEqual(wanted);
    expect([...(await readFolder(folder, signal)).files.keys()].sort()).toEqual(wanted);
  });

  test("names with blanks, quotes, line feeds and emoji come as they are", async () => {
    const name = 'factories/ein "Name"\twith\n🧵 ü.ts';
    const folder = repository({ [name]: "export const a = 1;\n" });
    expect([...(await readCommit(folder, "HEAD", signal)).files.keys()]).toEqual([name]);
    expect([...(await readFolder(folder, signal)).files.keys()]).toEqual([name]);
  });

  test("bytes are never converted: CRLF, a byte order mark, no last line feed, an empty file", async () => {
    const files = {
      ".gitattributes": "*.ts text eol=crlf\n",
      "factories/bom.yaml": "\ufeffkind: none\r\n",
      "factories/empty.ts": "",
      "factories/unended.ts": "export const a = 1;",
    };
    const folder = repository(files);
    const { ".gitattributes": _, ...wanted } = files;
    expect(texts(await readCommit(folder, "HEAD", signal))).toEqual(wanted);
    expect(texts(await readFolder(folder, signal))).toEqual(wanted);
  });

  test("a byte order mark and CRLF change neither meaning nor place of what is wrong", async () => {
    const fleet = 'kind: fleet\r\nname: acme\r\nhubs: ["wss://hub.example"]\r\n';
    const folder = repository({
      "factories/fleet.yaml": `\ufeff${fleet}`,
      "factories/a.ts": "\ufeff\r\nexport const a = b;\r\n",
    });
    const compiled = compile(await readCommit(folder, "HEAD", signal));
    expect(compiled.ok ? [] : compiled.problems).toMatchObject([
      { code: "evaluate/unknown-identifier", at: { file: "factories/a.ts", start: 19, end: 20 } },
    ]);
  });

  test("a folder inside a repository is a repository of its own", async () => {
    const folder = repository({
      "teams/blue/factories/a.ts": "blue\n",
      "factories/a.ts": "root\n",
    });
    const blue = await readCommit(join(folder, "teams/blue"), "HEAD", signal);
    expect(texts(blue)).toEqual({ "factories/a.ts": "blue\n" });
  });

  test("links and submodules are passed over", async () => {
    const inner = repository({ "factories/inner.ts": "inner\n" });
    const folder = repository(one);
    symlinkSync("/etc/hostname", join(folder, "factories/link.ts"));
    symlinkSync("..", join(folder, "factories/circle"));
    git(folder, "submodule", "--quiet", "add", inner, "factories/sub");
    git(folder, "add", ".");
    git(folder, "commit", "-q", "-m", "links");
    expect(texts(await readCommit(folder, "HEAD", signal))).toEqual(one);
    // In the folder a submodule's files simply lie there; links are still none.
    expect(Object.keys(texts(await readFolder(folder, signal)))).not.toContain("factories/link.ts");
  });

  test("a commit without factories/ holds no definitions", async () => {
    const folder = repository({ "README.md": "nothing\n" });
    expect((await readCommit(folder, "HEAD", signal)).files.size).toBe(0);
  });

  test("branches, tags, abbreviated ids and ancestors name commits", async () => {
    const folder = repository(one);
    git(folder, "tag", "-a", "v1", "-m", "v1");
    write(folder, { "factories/a.ts": "later\n" });
    git(folder, "commit", "-q", "-a", "-m", "second");
    for (const revision of ["v1", "HEAD~1", git(folder, "rev-parse", "--short", "v1^{commit}")])
      expect(texts(await readCommit(folder, revision, signal))).toEqual(one);
    expect(texts(await readCommit(folder, "main", signal))).toEqual({
      "factories/a.ts": "later\n",
    });
  });

  test("a shallow clone has all that one commit needs", async () => {
    const folder = repository(one);
    git(folder, "commit", "-q", "--allow-empty", "-m", "second");
    const clone = join(temporary(), "clone");
    git(folder, "clone", "-q", "--depth", "1", `file://${folder}`, clone);
    const tree = await readCommit(clone, "HEAD", signal);
    expect(texts(tree)).toEqual(one);
    expect(tree.repository).toBe(`file://${folder}`);
    await expect(readCommit(clone, "HEAD~1", signal)).rejects.toMatchObject({
      code: "source/no-such-revision",
    });
  });

  test("the name is that of the folder where there is no remote, from any work tree", async () => {
    const folder = repository(one);
    const other = join(temporary(), "other");
    git(folder, "worktree", "add", "-q", "--detach", other);
    const name = (await readCommit(folder, "HEAD", signal)).repository;
    expect(folder.endsWith(`/${name}`)).toBe(true);
    expect((await readCommit(other, "HEAD", signal)).repository).toBe(name);
  });
});

describe("what cannot be read is a failure that says what to do", () => {
  test("what names no commit, and what looks like an option of git", async () => {
    const folder = repository(one);
    const wrong = [
      "HEAD~7",
      "nowhere",
      "--all",
      "--output=x",
      "-h",
      "HEAD:factories",
      "",
      "HEAD\nHEAD",
    ];
    const codes = wrong.map((revision) =>
      readCommit(folder, revision, signal).catch(({ code }: { readonly code: string }) => code),
    );
    expect(await Promise.all(codes)).toEqual(wrong.map(() => "source/no-such-revision"));
  });

  test("a repository without commits", async () => {
    const folder = temporary();
    git(folder, "init", "-q");
    await expect(readCommit(folder, "HEAD", signal)).rejects.toMatchObject({
      code: "source/no-such-revision",
      message: expect.stringContaining("no commits yet"),
    });
  });

  test("a folder that is no repository, one that is not there, and one without factories/", async () => {
    const folder = temporary();
    for (const path of [folder, join(folder, "missing")])
      await expect(readCommit(path, "HEAD", signal)).rejects.toMatchObject({
        code: "source/no-repository",
      });
    await expect(readFolder(folder, signal)).rejects.toMatchObject({ code: "source/no-factories" });
  });

  test("a file that is too large is passed over, in a commit and in a folder, and told", async () => {
    const folder = repository({ "factories/a.yaml": `a: ${"x".repeat(2 * 1024 ** 2)}\n` });
    for (const tree of [
      await readCommit(folder, "HEAD", signal),
      await readFolder(folder, signal),
    ]) {
      expect(tree.files.size).toBe(0);
      expect(tree.passedOver).toEqual([{ path: "factories/a.yaml", what: "too large" }]);
      const stage = evaluate(tree);
      expect(stage.ok ? [] : stage.problems).toMatchObject([
        { code: "source/too-large", at: { file: "factories/a.yaml" } },
      ]);
    }
  });

  test("links and submodules are passed over, in a commit and in a folder, and told", async () => {
    const inner = repository({ "factories/b.yaml": "kind: fleet\n" });
    const folder = repository(one);
    symlinkSync("/etc/passwd", join(folder, "factories/passwd.yaml"));
    symlinkSync("/etc", join(folder, "factories/etc"));
    symlinkSync("a.ts", join(folder, "factories/notes.md"));
    git(folder, "submodule", "add", "-q", inner, "factories/sub");
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "more");
    for (const tree of [
      await readCommit(folder, "HEAD", signal),
      await readFolder(folder, signal),
    ]) {
      expect([...tree.files.keys()]).toEqual(["factories/a.ts"]);
      expect(tree.passedOver?.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: "factories/etc", what: "link" },
        { path: "factories/passwd.yaml", what: "link" },
        { path: "factories/sub", what: "submodule" },
      ]);
      const stage = evaluate(tree);
      const found = stage.ok ? stage.warnings : stage.problems;
      expect(found.map(({ code, severity, at }) => [code, severity, at?.file]).sort()).toEqual([
        ["source/passed-over", "error", "factories/passwd.yaml"],
        ["source/passed-over", "warning", "factories/etc"],
        ["source/passed-over", "warning", "factories/sub"],
      ]);
    }
  });

  test("two files that differ in case alone are told, both of them", async () => {
    const folder = repository({ ...one, "factories/A.ts": "export const a = 1;\n" });
    const stage = evaluate(await readCommit(folder, "HEAD", signal));
    expect(stage.ok ? [] : stage.problems).toMatchObject([
      {
        code: "source/case-only",
        at: { file: "factories/a.ts" },
        also: [{ at: { file: "factories/A.ts" } }],
      },
    ]);
  });

  test("a definition whose object git has lost is never passed over", async () => {
    const folder = repository(one);
    const id = git(folder, "rev-parse", "HEAD:factories/a.ts");
    rmSync(join(folder, ".git/objects", id.slice(0, 2), id.slice(2)));
    await expect(readCommit(folder, "HEAD", signal)).rejects.toMatchObject({
      code: "source/object-missing",
    });
  });

  test("an abort ends the reading", async () => {
    const folder = repository(one);
    const stopped = AbortSignal.abort(new Error("stop"));
    await expect(readCommit(folder, "HEAD", stopped)).rejects.toThrow();
    await expect(readFolder(folder, stopped)).rejects.toThrow("stop");
  });
});
