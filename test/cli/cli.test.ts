import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "@millwright/schema";
import { describe, expect, test } from "vitest";
import { breakIt, committed, example, gitIn, millwright, temporary } from "./cli-kit.ts";

const position = { line: expect.any(Number), column: expect.any(Number) };

describe("wrong usage ends with 2, says so on stderr, and prints nothing as a result", () => {
  test.each([
    ["an unknown command", ["chekc"]],
    ["an unknown option", ["check", "--jsno"]],
    ["a missing argument", ["evaluate"]],
    ["an argument too many", ["check", "factories"]],
    ["an option without its value", ["check", "--at"]],
  ])("%s", async (_, argv) => {
    const { code, out, err } = await millwright(temporary(), ...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: /);
    expect(err).toContain("--help");
  });
});

describe("the world's failures end with 3, with a code and what to do", () => {
  test.each([
    ["no definitions", ["check"], "source/no-factories"],
    ["no repository", ["plan"], "source/no-repository"],
    ["no repository to release from", ["release"], "source/no-repository"],
    ["a fingerprint that is none", ["verify", "--root", "sha256:12"], "cli/bad-digest"],
  ])("%s", async (_, argv, code) => {
    const said = await millwright(temporary(), ...argv);
    expect(said.code).toBe(3);
    expect(said.err).toContain(`error[${code}]: `);
    const json = await millwright(temporary(), ...argv, "--json");
    expect(json.code).toBe(3);
    expect(json.json()).toEqual({ error: { code, message: expect.any(String) } });
  });

  test("a revision that does not exist", async () => {
    const { code, err } = await millwright(committed(), "check", "--at", "nowhere");
    expect(code).toBe(3);
    expect(err).toContain("error[source/no-such-revision]: ");
  });
});

describe("check", () => {
  test("sound definitions end with 0 and are counted", async () => {
    const { code, out, err } = await millwright(example(), "check");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Sound: \d+ hosts, \d+ models, \d+ factories\.\n$/);
  });

  test("--json prints { diagnostics }, empty when all is well", async () => {
    const { code, json } = await millwright(example(), "check", "--json");
    expect(code).toBe(0);
    expect(json()).toEqual({ diagnostics: [] });
  });

  test("a diagnostic ends with 1 and has the form that editors rely on", async () => {
    const folder = example();
    breakIt(folder);
    const { code, json } = await millwright(folder, "check", "--json");
    expect(code).toBe(1);
    expect(json()).toEqual({
      diagnostics: [
        {
          code: "check/unknown-field",
          severity: "error",
          message: "model has no field smok",
          file: "factories/broken.yaml",
          range: { start: { line: 4, column: 1 }, end: { line: 4, column: 5 } },
          cure: "did you mean smoke?",
        },
      ],
    });
  });

  test("as text it is talk: results stay empty", async () => {
    const folder = example();
    breakIt(folder);
    const { code, out, err } = await millwright(folder, "check");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("error[check/unknown-field]: model has no field smok");
    expect(err).not.toContain("\u001b");
  });

  test("also: the other places that matter", async () => {
    const folder = example();
    writeFileSync(
      join(folder, "factories/z.yaml"),
      "kind: fleet\nname: z\nhubs: [wss://z.example]\n",
    );
    const { json } = await millwright(folder, "check", "--json");
    expect(json()).toMatchObject({
      diagnostics: [
        {
          code: "check/two-fleets",
          also: [
            {
              message: expect.any(String),
              file: "factories/fleet.ts",
              range: { start: position, end: position },
            },
          ],
        },
      ],
    });
  });

  test("reads the folder as it lies, and a commit when asked", async () => {
    const folder = committed();
    breakIt(folder);
    expect((await millwright(folder, "check")).code).toBe(1);
    expect((await millwright(folder, "check", "--at", "HEAD")).code).toBe(0);
    const elsewhere = await millwright(temporary(), "check", "--repo", folder, "--at", "main");
    expect(elsewhere.code).toBe(0);
  });
});

describe("plan", () => {
  test("--json prints { commit, root, plans } with a plan for every host", async () => {
    const folder = committed();
    const { code, json } = await millwright(folder, "plan", "--json");
    expect(code).toBe(0);
    const hosts = ["fra-1", "fra-2", "zrh-1"];
    const said = json();
    expect(said).toMatchObject({
      commit: gitIn(folder)("rev-parse", "HEAD"),
      root: expect.stringMatching(/^[0-9a-f]{64}$|^sha256:[0-9a-f]{64}$/),
      plans: Object.fromEntries(hosts.map((host) => [host, { schema: "plan/1", host }])),
    });
  });

  test("of the folder as it lies there is no commit", async () => {
    const { code, json } = await millwright(example(), "plan", "--worktree", "--json");
    expect(code).toBe(0);
    expect(json()).toMatchObject({ commit: null });
  });

  test("broken definitions print { diagnostics } and end with 1", async () => {
    const folder = example();
    breakIt(folder);
    const { code, json } = await millwright(folder, "plan", "--worktree", "--json");
    expect(code).toBe(1);
    expect(json()).toMatchObject({ diagnostics: [{ code: "check/unknown-field" }] });
  });

  test("as text it names every host, and the root", async () => {
    const { code, out } = await millwright(example(), "plan", "--worktree");
    expect(code).toBe(0);
    expect(out).toMatch(/^fra-1 {2}[0-9a-f]{12}\n/);
    expect(out).toMatch(/\nroot (sha256:)?[0-9a-f]{64}\n$/);
  });
});

describe("evaluate", () => {
  test("reads a file that is in no repository, with those beside it, under its own name", async () => {
    const folder = temporary();
    writeFileSync(join(folder, "a.ts"), 'import { b } from "./b.ts"; export const a = [b];\n');
    writeFileSync(join(folder, "b.ts"), "export const b = 1;\n");
    writeFileSync(join(folder, "c.ts"), "export const c = process;\n");
    const { code, json } = await millwright(folder, "evaluate", "a.ts", "--json");
    expect({ code, said: json() }).toEqual({ code: 0, said: { exports: { a: [1] } } });
    const wrong = await millwright("/", "evaluate", join(folder, "c.ts"), "--json");
    expect(wrong.json()).toMatchObject({
      diagnostics: [{ file: `${folder.slice(1)}/c.ts`, code: "evaluate/unknown-identifier" }],
    });
    expect((await millwright(folder, "evaluate", "nope.ts", "--json")).code).toBe(3);
  });

  test("prints what a file exports", async () => {
    const { code, json } = await millwright(example(), "evaluate", "factories/fleet.ts", "--json");
    expect(code).toBe(0);
    expect(json()).toMatchObject({ exports: { acme: { kind: "fleet", name: "acme" } } });
  });

  test("a file is named from where one stands", async () => {
    const folder = example();
    const said = await millwright(
      join(folder, "factories"),
      "evaluate",
      "fleet.ts",
      "--repo",
      "..",
    );
    expect(said.json()).toMatchObject({ exports: { acme: { kind: "fleet" } } });
  });

  test("what is wrong is told as { diagnostics }, and ends with 1", async () => {
    const folder = example();
    writeFileSync(join(folder, "factories/a.ts"), "export const a = new Date();\n");
    const { code, json } = await millwright(folder, "evaluate", "factories/a.ts", "--json");
    expect(code).toBe(1);
    expect(json()).toMatchObject({ diagnostics: [{ code: "evaluate/not-in-the-language" }] });
    const missing = await millwright(folder, "evaluate", "factories/b.ts", "--json");
    expect(missing.code).toBe(1);
    expect(missing.json()).toMatchObject({ diagnostics: [{ code: "evaluate/no-such-file" }] });
  });
});

describe("explain", () => {
  test("tells what a code means", async () => {
    const { code, json } = await millwright(temporary(), "explain", "check/no-fleet", "--json");
    expect(code).toBe(0);
    expect(json()).toEqual({
      code: "check/no-fleet",
      explanation: expect.stringContaining("fleet"),
    });
  });

  test("an unknown code ends with 1 and lists the codes; inherited names are none", async () => {
    for (const unknown of ["check/nothing", "toString", "__proto__"]) {
      const { code, out, err } = await millwright(temporary(), "explain", unknown);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("check/no-fleet");
    }
  });
});

describe("schema", () => {
  test("writes a schema for each kind, one for any, and the types", async () => {
    const folder = temporary();
    const { code } = await millwright(folder, "schema", "-o", "schemas");
    expect(code).toBe(0);
    expect(readdirSync(join(folder, "schemas")).sort()).toEqual(
      [...[...kinds, "definition"].map((kind) => `${kind}.schema.json`), "schema.d.ts"].sort(),
    );
    const host = JSON.parse(readFileSync(join(folder, "schemas/host.schema.json"), "utf8"));
    expect(host).toMatchObject({ type: "object", properties: { key: { type: "string" } } });
  });

  test("--json prints the one for any, and writes nothing", async () => {
    const folder = temporary();
    const { code, json } = await millwright(folder, "schema", "--json");
    expect(code).toBe(0);
    expect(json()).toMatchObject({ required: ["kind"], properties: { kind: { enum: kinds } } });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("lock", () => {
  test("a lock that is missing is written as the example has it, and then nothing changes", async () => {
    const folder = example();
    const path = join(folder, "factories/models.lock.yaml");
    const before = readFileSync(path, "utf8");
    rmSync(path);
    expect((await millwright(folder, "check")).code).toBe(1);
    const { code, json } = await millwright(folder, "lock", "--json");
    expect(code).toBe(0);
    expect(json()).toBeTypeOf("object");
    expect(readFileSync(path, "utf8")).toBe(before);
    expect((await millwright(folder, "check")).code).toBe(0);
    expect((await millwright(folder, "lock")).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});
