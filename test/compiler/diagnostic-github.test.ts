import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Diagnostic, githubFailure, githubOf } from "../../compiler/diagnostic/diagnostic.ts";

const text = "one two\nthree\n";

function said(
  more: Partial<Diagnostic>,
  files: Readonly<Record<string, string>> = { "a.ts": text },
) {
  const bytes = new Map(Object.entries(files).map(([path, each]) => [path, Buffer.from(each)]));
  const at = { file: "a.ts", start: 4, end: 7 };
  return githubOf(
    [{ code: "check/unknown-name", severity: "error", message: "m", at, ...more }],
    bytes,
  );
}

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** What the runner of GitHub reads in a log: commands are lines that begin with `::`, blanks before it or not. */
function commandsIn(log: string): readonly Command[] {
  const unescaped = (value: string) =>
    value
      .replaceAll("%0D", "\r")
      .replaceAll("%0A", "\n")
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",")
      .replaceAll("%25", "%");
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const [, name = "", set = "", message = ""] =
      /^\s*::(\S+?)(?: (.*?))?::(.*)$/u.exec(line) ?? [];
    if (name === "") return [];
    const pairs = set.split(",").map((pair): [string, string] => {
      const [key = "", ...value] = pair.split("=");
      return [key, unescaped(value.join("="))];
    });
    return [{ name, properties: Object.fromEntries(pairs), message: unescaped(message) }];
  });
}

describe("GitHub's annotations", () => {
  test("name the file, the range and the code, then say the message and the cure", () => {
    expect(said({ cure: "do it" })).toBe(
      "::error file=a.ts,line=1,endLine=1,col=5,endColumn=8,title=check/unknown-name::m%0Ado it\n",
    );
  });

  test("warnings are warnings, and what means the whole repository has no file", () => {
    expect(said({ severity: "warning", at: undefined })).toBe(
      "::warning title=check/unknown-name::m\n",
    );
  });

  test("a range over several lines has no columns: GitHub takes none there", () => {
    expect(said({ at: { file: "a.ts", start: 4, end: 10 } })).toContain("line=1,endLine=2,title=");
  });

  test("the other places stand in the message", () => {
    const also = [{ message: "the first", at: { file: "a.ts", start: 8, end: 9 } }];
    expect(said({ also, cure: "c" })).toContain("::m%0Aa.ts:2:1: the first%0Ac\n");
  });

  test("files are told from the root of the git repository", () => {
    const at = { file: "factories/a.ts", start: 0, end: 1 };
    const found = [{ code: "check/unknown-name", severity: "error", message: "m", at }] as const;
    expect(githubOf(found, new Map(), "teams/blue/")).toContain("file=teams/blue/factories/a.ts,");
  });

  test("none for none", () => {
    expect(githubOf([], new Map())).toBe("");
  });

  test("escape what would end a property or a line, as GitHub's toolkit does", () => {
    const file = "a,b:c%0A=ü 🧵.ts";
    expect(
      said({ at: { file, start: 0, end: 1 }, message: "100%\nof: a, b\r\n::" }, { [file]: "x" }),
    ).toBe(
      "::error file=a%2Cb%3Ac%250A=ü 🧵.ts,line=1,endLine=1,col=1,endColumn=2,title=check/unknown-name::100%25%0Aof: a, b%0A::\n",
    );
  });

  test("whatever definitions say, there is one command a diagnostic, and it says no more than that", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary-ascii" }),
      fc
        .array(
          fc.constantFrom(
            "::",
            "\n",
            "\r",
            "\u2028",
            "\u0085",
            "%0A",
            "::error::",
            "::stop-commands::x",
            "##[group]",
            ",",
            "=",
            "%",
            " ",
            "a",
            "title=",
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (file, message, cure, other) => {
        const at = { file, start: 0, end: 1 };
        const log = said({ message, cure, at, also: [{ message: other, at }] }, { [file]: "x" });
        const commands = commandsIn(log);
        expect(log.endsWith("\n")).toBe(true);
        expect(log.split(/\r\n|\r|\n/)).toHaveLength(2);
        expect(commands).toHaveLength(1);
        expect(commands[0]?.name).toBe("error");
        expect(Object.keys(commands[0]?.properties ?? {})).toEqual([
          "file",
          "line",
          "endLine",
          "col",
          "endColumn",
          "title",
        ]);
        expect(commands[0]?.properties["title"]).toBe("check/unknown-name");
      }),
    );
  });

  test("a failure of the world is one command, too", () => {
    const failure = githubFailure(
      "source/file-too-large",
      "factories/a\n::error::b.ts has 3 bytes",
    );
    expect(commandsIn(failure)).toEqual([
      {
        name: "error",
        properties: { title: "source/file-too-large" },
        message: "factories/a\n::error::b.ts has 3 bytes",
      },
    ]);
  });
});
