import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import type { Log, Result } from "sarif";
import { describe, expect, test } from "vitest";
import {
  catalog,
  type Diagnostic,
  type SarifSource,
  sarifOf,
} from "../../compiler/diagnostic/diagnostic.ts";

const tool = {
  name: "millwright",
  version: "0.1.0",
};

/** The schema is of draft 04. It uses nothing that draft 07 reads otherwise but the name of `id`. */
const {
  id: _,
  $schema: __,
  ...schema
} = JSON.parse(readFileSync(join(import.meta.dirname, "sarif/sarif-schema-2.1.0.json"), "utf8"));
const ajv = new Ajv({ allErrors: true, strictTypes: false, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile(schema);

/** What the log says, once the official schema has nothing against it. */
function logOf(
  found: readonly Diagnostic[],
  files: Readonly<Record<string, string>>,
  source: Partial<SarifSource> = {},
): Log {
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  const log: Log = sarifOf(found, { files: bytes, folder: "", ...source }, tool);
  const written: Log = JSON.parse(JSON.stringify(log));
  validate(written);
  expect(validate.errors ?? []).toEqual([]);
  return written;
}

function resultsOf(...given: Parameters<typeof logOf>): readonly Result[] {
  return logOf(...given).runs[0]?.results ?? [];
}

/** A diagnostic at the first place where a file says `marked`. */
function at(
  file: string,
  text: string,
  marked: string,
  more: Partial<Diagnostic> = {},
): Diagnostic {
  const start = text.replace("\ufeff", "").indexOf(marked);
  const span = { file, start, end: start + marked.length };
  return { code: "check/unknown-name", severity: "error", message: "m", at: span, ...more };
}

function regionOf(result: Result | undefined) {
  return result?.locations?.[0]?.physicalLocation?.region;
}

function prints(results: readonly Result[]) {
  return results.map(({ partialFingerprints }) => partialFingerprints);
}

describe("the log", () => {
  test("the schema refuses what is none, so that its silence means something", () => {
    const log = structuredClone(logOf([], {}));
    expect(validate({ ...log, version: "2.0.0" })).toBe(false);
    expect(validate({ ...log, runs: [{ tool: {} }] })).toBe(false);
    expect(validate({ ...log, runs: [{ tool: { driver: { name: "x", surprise: 1 } } }] })).toBe(
      false,
    );
  });

  test("of sound definitions has one run of the tool without results", () => {
    const [run, ...others] = logOf([], {}).runs;
    expect(others).toEqual([]);
    expect(run).toMatchObject({ columnKind: "utf16CodeUnits", results: [] });
    expect(run?.tool.driver).toEqual({ ...tool, rules: [] });
    expect(run?.versionControlProvenance).toBeUndefined();
  });

  test("has a rule for each code that occurs, with the catalogue's words, and results that point at theirs", () => {
    const text = "a b c";
    const found = [
      at("a.ts", text, "c", { code: "evaluate/no-kind", severity: "warning" }),
      at("a.ts", text, "b"),
      at("a.ts", text, "a", { code: "evaluate/no-kind" }),
    ];
    const [run] = logOf(found, { "a.ts": text }).runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(["check/unknown-name", "evaluate/no-kind"]);
    expect(rules[1]).toMatchObject({
      shortDescription: {
        text: expect.stringMatching(/^A YAML document is a definition by .*\.$/),
      },
      fullDescription: { text: catalog["evaluate/no-kind"] },
      help: { text: expect.stringContaining("millwright explain evaluate/no-kind") },
    });
    for (const { ruleId, ruleIndex = -1 } of run?.results ?? [])
      expect(rules[ruleIndex]?.id).toBe(ruleId);
    expect(run?.results?.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
      "error evaluate/no-kind",
      "error check/unknown-name",
      "warning evaluate/no-kind",
    ]);
  });

  test("every rule of the catalogue fits the schema", () => {
    const codes = Object.keys(catalog) as (keyof typeof catalog)[];
    const found = codes.map((code) => at("a.ts", "a", "a", { code }));
    expect(resultsOf(found, { "a.ts": "a" })).toHaveLength(codes.length);
  });

  test("at a commit says which, and of which repository", () => {
    const commit = "0123456789012345678901234567890123456789";
    const repository = new URL("ssh://git@host.example/a%20b.git");
    expect(logOf([], {}, { at: { repository, commit } }).runs[0]?.versionControlProvenance).toEqual(
      [
        {
          repositoryUri: "ssh://git@host.example/a%20b.git",
          revisionId: commit,
          mappedTo: { uriBaseId: "%SRCROOT%" },
        },
      ],
    );
  });
});

describe("places", () => {
  test.each([
    ["a plain name", "factories/a.ts", "factories/a.ts"],
    ["blanks and an emoji", "factories/ein 🧵.ts", "factories/ein%20%F0%9F%A7%B5.ts"],
    [
      "what would be a fragment, a query or an escape",
      "factories/#a?b%20.ts",
      "factories/%23a%3Fb%2520.ts",
    ],
    ["what would be a scheme", "c:/a.ts", "c%3A/a.ts"],
    ["half a character", "factories/\ud83e.ts", "factories/%EF%BF%BD.ts"],
  ])("a file with %s is a relative URI", (_, file, uri) => {
    const [result] = resultsOf([at(file, "abc", "b")], { [file]: "abc" });
    const location = result?.locations?.[0]?.physicalLocation?.artifactLocation;
    expect(location).toEqual({ uri, uriBaseId: "%SRCROOT%" });
    expect(new URL(uri, "https://root.example/x/").pathname).toBe(`/x/${uri}`);
  });

  test("are told from the root of the git repository", () => {
    const source = { folder: "teams/blue/" };
    const [result] = resultsOf([at("factories/a.ts", "a", "a")], { "factories/a.ts": "a" }, source);
    const location = result?.locations?.[0]?.physicalLocation?.artifactLocation;
    expect(location?.uri).toBe("teams/blue/factories/a.ts");
  });

  test("count lines and UTF-16 units from 1, past the end, without a byte order mark, in CRLF, too", () => {
    const text = "\ufeffone\r\n🧵 two three\r\nfour";
    const files = { "a.ts": text };
    const regions = ["one", "two", "three", "four", "three\r\nfo", "\r"].map((marked) =>
      regionOf(resultsOf([at("a.ts", text, marked)], files)[0]),
    );
    expect(regions).toEqual([
      { startLine: 1, startColumn: 1, endLine: 1, endColumn: 4 },
      { startLine: 2, startColumn: 4, endLine: 2, endColumn: 7 },
      { startLine: 2, startColumn: 8, endLine: 2, endColumn: 13 },
      { startLine: 3, startColumn: 1, endLine: 3, endColumn: 5 },
      { startLine: 2, startColumn: 8, endLine: 3, endColumn: 3 },
      { startLine: 1, startColumn: 4, endLine: 1, endColumn: 4 },
    ]);
  });

  test("of the whole repository is the folder of definitions, without a region", () => {
    const [result] = resultsOf(
      [{ code: "check/no-fleet", severity: "error", message: "m", at: undefined }],
      {},
    );
    expect(result?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "factories/", uriBaseId: "%SRCROOT%" } } },
    ]);
  });

  test("the other places that matter are related locations, each with its message", () => {
    const also = [
      { message: "the first", at: { file: "b.ts", start: 2, end: 3 } },
      { message: "the first", at: { file: "b.ts", start: 2, end: 3 } },
    ];
    const [result] = resultsOf([at("a.ts", "a", "a", { also })], { "a.ts": "a", "b.ts": "x\ny\n" });
    expect(result?.relatedLocations).toMatchObject([
      { id: 1, message: { text: "the first" }, physicalLocation: { region: { startLine: 2 } } },
      { id: 2 },
    ]);
  });
});

describe("messages", () => {
  test("say what is wrong, then the cure", () => {
    const [result] = resultsOf([at("a.ts", "a", "a", { cure: "do it" })], { "a.ts": "a" });
    expect(result?.message).toEqual({ text: "m\ndo it" });
  });

  test("hold no link, no control characters and no end of megabytes that a definition brought", () => {
    const message = `[free](https://evil.example)\u001b[2J\u202e${"x".repeat(10_000)}`;
    const [result] = resultsOf([at("a.ts", "a", "a", { message })], { "a.ts": "a" });
    const text = result?.message.text ?? "";
    expect(text.startsWith("[free\\](https://evil.example)�[2J�xxx")).toBe(true);
    expect(text.length).toBeLessThan(4_100);
  });
});

describe("fingerprints", () => {
  test("survive lines that move and another end of lines, not another text, file or code", () => {
    const text = "const a = {\n  b,\n};\n";
    const of = (file: string, changed: string, marked: string, more: Partial<Diagnostic> = {}) =>
      prints(resultsOf([at(file, changed, marked, more)], { [file]: changed }))[0];
    const marked = "{\n  b,\n}";
    const first = of("a.ts", text, marked);
    expect(of("a.ts", `// more\n\n${text}`, marked)).toEqual(first);
    expect(of("a.ts", text.replaceAll("\n", "\r\n"), "{\r\n  b,\r\n}")).toEqual(first);
    expect(of("a.ts", text, marked, { message: "with other numbers" })).toEqual(first);
    expect(of("b.ts", text, marked)).not.toEqual(first);
    expect(of("a.ts", text, "b")).not.toEqual(first);
    expect(of("a.ts", text, marked, { code: "check/wrong-kind" })).not.toEqual(first);
  });

  test("of equal diagnostics are told apart, in the order of their places", () => {
    const text = "a a a";
    const found = [0, 2, 4].map((start) => ({
      ...at("a.ts", text, "a"),
      at: { file: "a.ts", start, end: start + 1 },
    }));
    const all = prints(resultsOf(found, { "a.ts": text }));
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(3);
    expect(prints(resultsOf(found.toReversed(), { "a.ts": text }))).toEqual(all);
  });
});
