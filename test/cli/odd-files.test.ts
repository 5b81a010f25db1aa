import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { readFolder } from "../../compiler/source/source.ts";
import { committed, gitIn, millwright, temporary } from "./cli-kit.ts";
import { alike, commit, outcome, outcomes, rootOf, withFiles, write } from "./odd-kit.ts";

const sound = alike(0);

describe("odd files that work", () => {
  test("names with blanks, quotes, emoji, accents and a line feed", async () => {
    const folder = committed();
    const factories = join(folder, "factories");
    renameSync(join(factories, "models.ts"), join(factories, "modèles 🧵 (2).ts"));
    const support = readFileSync(join(factories, "support.ts"), "utf8");
    write(folder, {
      "factories/support.ts": support.replace("./models.ts", "./modèles 🧵 (2).ts"),
      'factories/a "quoted"\n name.yaml': "kind: dataset\nname: odd\n",
    });
    const incomplete = ["classification", "residency", "purposes"].map(() => "check/missing-field");
    expect(await outcomes(commit(folder))).toEqual(alike(1, ...incomplete));
    rmSync(join(factories, 'a "quoted"\n name.yaml'));
    expect(await outcomes(commit(folder))).toEqual(sound);
    expect(await rootOf(folder)).toBe(await rootOf(committed()));
    const file = "factories/modèles 🧵 (2).ts";
    expect((await millwright(folder, "evaluate", file)).code).toBe(0);
  });

  test("CRLF and a byte order mark in every file give the same plans", async () => {
    const folder = committed();
    const before = await rootOf(folder);
    const files = gitIn(folder)("ls-files", "factories").split("\n");
    for (const path of files.filter((each) => /\.(ts|yaml)$/.test(each))) {
      const text = readFileSync(join(folder, path), "utf8").replaceAll("\n", "\r\n");
      writeFileSync(join(folder, path), `\ufeff${text}`);
    }
    expect(await outcomes(commit(folder))).toEqual(sound);
    expect(await rootOf(folder)).toBe(before);
    expect(await rootOf(folder, "--worktree")).toBe(before);
  });

  test("a folder whose name ends like a file, an empty file, and one of comments alone", async () => {
    const folder = withFiles({
      "factories/folder.ts/inner.ts": "export const one = 1;\n",
      "factories/empty.ts": "",
      "factories/empty.yaml": "",
      "factories/mark.yaml": "\ufeff",
      "factories/comment.yaml": "# nothing yet\n---\n# nor here\n",
      "factories/comment.ts": "// nothing yet",
    });
    expect(await outcomes(folder)).toEqual(sound);
  });

  test("a pipe in the folder is not waited for", async () => {
    const folder = committed();
    execFileSync("env", [
      "mkfifo",
      join(folder, "factories/pipe.ts"),
      join(folder, "factories/pipe.yaml"),
    ]);
    expect(await outcome(folder, "check", "--worktree")).toEqual({ exit: 0, codes: [] });
  });
});

test("definitions that no longer are files when they are read are passed over, not tripped over", async () => {
  const folder = committed();
  mkdirSync(join(folder, "factories/locked"));
  const stop = new AbortController();
  const busy = (async () => {
    while (!stop.signal.aborted) {
      const path = join(folder, "factories/locked/a.ts");
      writeFileSync(path, "export const a = 1;\n");
      await new Promise(setImmediate);
      rmSync(path);
      symlinkSync("/etc/passwd", path);
      await new Promise(setImmediate);
      rmSync(path);
    }
  })();
  for (let round = 0; round < 100; round += 1) {
    const { files } = await readFolder(folder, stop.signal);
    const text = Buffer.from(files.get("factories/locked/a.ts") ?? "").toString();
    expect(["", "export const a = 1;\n"]).toContain(text);
  }
  stop.abort();
  await busy;
});

describe("what leads out of the repository is not followed, and told", () => {
  test("links to files and folders, also to nowhere and in a circle", async () => {
    const folder = committed();
    const outside = temporary();
    write(outside, { "secret.yaml": "kind: host\nname: secret-host\n" });
    const links = {
      "passwd.yaml": "/etc/passwd",
      "secret.ts": join(outside, "secret.yaml"),
      circle: "..",
      nowhere: "missing",
      outside,
    };
    for (const [name, target] of Object.entries(links))
      symlinkSync(target, join(folder, "factories", name));
    symlinkSync("support.ts", join(folder, "factories/inside.ts"));
    const told = Array.from({ length: 6 }, () => "source/passed-over");
    // A file of definitions that is not read would take its host out of the fleet.
    expect(await outcomes(commit(folder))).toEqual(alike(1, ...told));
    for (const argv of [["--worktree"], ["--at", "HEAD"]]) {
      const { out, err } = await millwright(folder, "check", ...argv);
      expect(out + err).not.toMatch(/secret-host|root:x/);
      expect(err).toContain("factories/passwd.yaml is a link");
    }
    const evaluated = await outcome(folder, "evaluate", "factories/passwd.yaml");
    expect(evaluated).toEqual({ exit: 1, codes: ["source/passed-over"] });
  });

  test("factories/ itself as a link", async () => {
    const folder = committed();
    renameSync(join(folder, "factories"), join(folder, "real"));
    symlinkSync("real", join(folder, "factories"));
    expect(await outcomes(commit(folder))).toEqual(
      alike(1, "check/no-fleet", "source/passed-over"),
    );
  });

  test("a submodule, also one that is checked out", async () => {
    const folder = committed();
    const inner = committed();
    gitIn(folder)(
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "-q",
      "add",
      inner,
      "factories/sub",
    );
    expect(await outcomes(commit(folder))).toEqual(alike(0, "source/passed-over"));
    const { err } = await millwright(folder, "check");
    expect(err).toContain("factories/sub is a submodule");
  });

  test("no path of a command leads out either", async () => {
    const folder = committed();
    writeFileSync(join(folder, "outside.ts"), "export const secret = 1;\n");
    for (const file of ["outside.ts", "/etc/passwd", "../x.ts", "factories", "factories/hosts"]) {
      const evaluated = await outcome(folder, "evaluate", file, "--at", "HEAD");
      expect([file, evaluated]).toEqual([file, { exit: 1, codes: ["evaluate/no-such-file"] }]);
    }
  });
});

describe("files that cannot be read are diagnostics, and end with 1", () => {
  test("two names that differ in case alone", async () => {
    const folder = withFiles({ "factories/Models.ts": "export const one = 1;\n" });
    expect(await outcomes(folder)).toEqual(alike(1, "source/case-only"));
    const { err } = await millwright(folder, "check");
    expect(err).toContain("factories/models.ts differs from factories/Models.ts in case alone");
  });

  test("an import in another case than the file's is met, though a Mac would find the file", async () => {
    const folder = committed();
    const support = readFileSync(join(folder, "factories/support.ts"), "utf8");
    write(folder, { "factories/support.ts": support.replace("./models.ts", "./Models.ts") });
    expect(await outcomes(commit(folder))).toEqual(alike(1, "evaluate/no-such-file"));
    const { err } = await millwright(folder, "check");
    expect(err).toContain("did you mean factories/models.ts?");
  });

  test("bytes that are no UTF-8, in the text and in the name", async () => {
    const folder = withFiles({
      "factories/latin.ts": Buffer.from("export const n\u00e4me = 1;\n", "latin1"),
      "factories/latin.yaml": Buffer.from("kind: \u00e9\n", "latin1"),
    });
    for (const byte of [0xfe, 0xff]) {
      const name = Buffer.concat([Buffer.from(join(folder, "factories/x")), Buffer.from([byte])]);
      writeFileSync(Buffer.concat([name, Buffer.from(".ts")]), "export const one = 1;\n");
    }
    // The two names look alike, and are told once.
    const found = ["source/not-utf8", "source/not-utf8", "source/not-utf8"];
    expect(await outcomes(commit(folder))).toEqual(alike(1, ...found));
  });

  test("a file of 50 MB, in less than two seconds", async () => {
    const folder = withFiles({ "factories/large.ts": Buffer.alloc(50 * 1024 ** 2, "a") });
    for (const argv of [["--worktree"], ["--at", "HEAD"]]) {
      const started = performance.now();
      const found = await outcome(folder, "check", "--no-types", ...argv);
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(found).toEqual({ exit: 1, codes: ["source/too-large"] });
    }
    const evaluated = await outcome(folder, "evaluate", "factories/large.ts");
    expect(evaluated).toEqual({ exit: 1, codes: ["source/too-large"] });
  });

  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`;

  test("a definition that lies in Git LFS", async () => {
    const folder = withFiles({ "factories/more.yaml": pointer, "factories/more.ts": pointer });
    const found = alike(1, "source/lfs-pointer", "source/lfs-pointer");
    expect(await outcomes(folder)).toEqual(found);
  });

  test("a model that lies in Git LFS and was not fetched: the world failed, and what to run is said", async () => {
    const folder = withFiles({ "factories/models/mail-triage.gguf": pointer });
    const { code, err } = await millwright(folder, "lock");
    expect(code).toBe(3);
    expect(err).toContain("error[lock/lfs-pointer]: ");
    expect(err).toContain("git lfs pull");
  });
});

test("--no-types and types find the same way out of an odd repository", async () => {
  const folder = withFiles({ "factories/a.ts": "\ufeffexport const a: number = 'x';\r\n" });
  expect(await outcome(folder, "check", "--no-types")).toEqual({ exit: 0, codes: [] });
  expect(await outcome(folder, "check")).toEqual({ exit: 1, codes: ["types/error"] });
});
