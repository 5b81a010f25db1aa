import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Log } from "sarif";
import { describe, expect, test } from "vitest";
import { committed, example, gitIn, millwright, temporary } from "./cli-kit.ts";

/** Writes one definition of a kind that there is not. */
function breakIt(folder: string): void {
  writeFileSync(join(folder, "factories/broken.yaml"), "name: x\nkind: modle\n");
}

async function logOf(folder: string, ...argv: readonly string[]): Promise<Log> {
  const { json } = await millwright(folder, "check", "--sarif", ...argv);
  return json() as Log;
}

describe("check --sarif", () => {
  test("ends with 1 and tells each diagnostic once, of the tool and its version", async () => {
    const folder = example();
    breakIt(folder);
    const { code, err, json } = await millwright(folder, "check", "--sarif");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const { out: version } = await millwright(folder, "--version");
    const location = {
      artifactLocation: { uri: "factories/broken.yaml" },
      region: { startLine: 2 },
    };
    expect(json()).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "millwright", version: version.trim() } },
          results: [
            {
              ruleId: "evaluate/no-kind",
              level: "error",
              locations: [{ physicalLocation: location }],
            },
          ],
        },
      ],
    });
  });

  test("of sound definitions ends with 0, without results, and says nothing else", async () => {
    const { code, err, json } = await millwright(example(), "check", "--sarif");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(json()).toMatchObject({ runs: [{ results: [] }] });
  });

  test.each([
    ["https://someone:secret@host.example/a/mills.git", "https://host.example/a/mills.git"],
    ["git@host.example:a/mills.git", "ssh://git@host.example/a/mills.git"],
    [undefined, undefined],
    ["../elsewhere", undefined],
  ])("at a commit names it and the remote %s", async (remote, uri) => {
    const folder = committed();
    if (remote !== undefined) gitIn(folder)("remote", "add", "origin", remote);
    const [run] = (await logOf(folder, "--at", "main")).runs;
    expect(run?.versionControlProvenance).toEqual([
      {
        repositoryUri: uri ?? pathToFileURL(folder).href,
        revisionId: gitIn(folder)("rev-parse", "HEAD"),
        mappedTo: { uriBaseId: "%SRCROOT%" },
      },
    ]);
    expect((await logOf(folder)).runs[0]?.versionControlProvenance).toBeUndefined();
  });

  test("paths are those of the git repository, wherever the definitions lie in it", async () => {
    const folder = committed();
    breakIt(folder);
    mkdirSync(join(folder, "teams/ein 🧵"), { recursive: true });
    renameSync(join(folder, "factories"), join(folder, "teams/ein 🧵/factories"));
    const log = await logOf(folder, "--repo", "teams/ein 🧵");
    const [location] = log.runs[0]?.results?.[0]?.locations ?? [];
    expect(location?.physicalLocation?.artifactLocation?.uri).toBe(
      "teams/ein%20%F0%9F%A7%B5/factories/broken.yaml",
    );
  });
});

describe("check --github", () => {
  test("ends with 1 and prints one command a diagnostic, and nothing else anywhere", async () => {
    const folder = example();
    breakIt(folder);
    const { code, out, err } = await millwright(folder, "check", "--github");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(
      /^::error file=factories\/broken.yaml,line=2,endLine=2,col=7,endColumn=\d+,title=evaluate\/no-kind::.*modle.*\n$/,
    );
  });

  test("of sound definitions ends with 0 and prints nothing", async () => {
    const { code, out, err } = await millwright(example(), "check", "--github");
    expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
  });

  test("a file's name cannot make a command of its own", async () => {
    const folder = example();
    const name = "factories/a\n::stop-commands::x\n.yaml";
    writeFileSync(join(folder, name), `a: ${"x".repeat(3_000_000)}\n`);
    const { code, out, err } = await millwright(folder, "check", "--github");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(
      /^::error file=factories\/a\ufffd%3A%3Astop-commands%3A%3Ax\ufffd\.yaml,.*\n$/,
    );
  });

  test("the world's failure ends with 3 and is one command", async () => {
    const { code, out, err } = await millwright(temporary(), "check", "--github");
    expect({ code, err }).toEqual({ code: 3, err: "" });
    expect(out).toMatch(/^::error title=source\/no-factories::.*\n$/);
  });
});

test.each([
  [["--json", "--sarif"]],
  [["--sarif", "--github"]],
  [["--github", "--json"]],
  [["--json", "--sarif", "--github"]],
])("%j is wrong usage: there is one form", async (argv) => {
  const { code, out, err } = await millwright(temporary(), "check", ...argv);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^error: option '--\w+' cannot be used with option '--\w+'/);
});

test("check --help shows an example of each form", async () => {
  const { out } = await millwright(temporary(), "check", "--help");
  for (const form of ["--at main", "--json", "--sarif", "--github"])
    expect(out).toContain(`$ millwright check ${form}`);
});
