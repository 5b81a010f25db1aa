import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { explainCommandWith } from "../../compiler/cli/explain-command.ts";
import type { Trace } from "../../compiler/cli/provenance.ts";
import { committed, gitIn, NOON, type Said, temporary } from "./cli-kit.ts";

const file = "factories/a b.ts";
const text =
  "\ufeffconst common = { context: 4096 };\r\nexport const a = { ...common,\tsmoke: 'ü' };\r\n";

/** Traces every value to the same places of one file; knows one host. */
const trace: Trace = (_, host) => {
  if (host !== "fra-1") return { kind: "nowhere", why: `there is no host ${host}\u001b[2J` };
  const at = (marked: string) => {
    const start = text.slice(1).indexOf(marked);
    return { file, start, end: start + marked.length };
  };
  return {
    kind: "traced",
    value: { context: 4096 },
    chain: [
      { what: "literal", at: at("4096") },
      { what: "spread", at: at("...common") },
      { what: "computed from placement", at: undefined },
      { what: "call of f", at: { file, start: 0, end: text.length - 1 } },
    ],
  };
};

/** `explain` with a trace, in a program of its own. */
async function explain(cwd: string, argv: readonly string[], by: Trace = trace): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  let code = 0;
  const terminal = {
    out: (said: string) => out.push(said),
    err: (said: string) => err.push(said),
    interactive: false,
    env: {},
    cwd,
    signal: new AbortController().signal,
    now: () => NOON,
  };
  const program = new Command("millwright").exitOverride();
  const finish = (ended: number) => {
    code = ended;
  };
  const run = () => Promise.reject(new Error("explain runs no other command"));
  explainCommandWith(async () => by)(program, { terminal, finish, run });
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  try {
    await program.parseAsync(["explain", ...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? 0 : 2;
  }
  return { code, out: out.join(""), err: err.join(""), json: () => JSON.parse(out.join("")) };
}

/** A repository whose first line Grace wrote, and whose second Mallory, with colours. */
function repository(): string {
  const folder = committed();
  const git = gitIn(folder);
  const [first = "", second = ""] = text.split(/(?<=\n)/);
  const commit = (content: string, author: string, subject: string) => {
    writeFileSync(join(folder, file), content);
    git("add", ".");
    const date = "--date=2026-11-23T23:30:00+02:00";
    git("commit", "-q", `--author=${author} <x@example.org>`, date, "-m", subject);
  };
  commit(first, "Grace Hopper", "context of 4096");
  commit(first + second, "Mal\u001b[31mlory\u202e", `smoke \u001b]0;x\u0007${"y".repeat(200)}`);
  return folder;
}

describe("explain HOST PATH", () => {
  test("as JSON gives the value and, for each link, the place and the commit that wrote it", async () => {
    const folder = repository();
    const { code, json, err } = await explain(folder, ["fra-1", "deployments.triage", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const grace = gitIn(folder)("rev-parse", "HEAD~1");
    expect(json()).toEqual({
      host: "fra-1",
      path: "deployments.triage",
      value: { context: 4096 },
      chain: [
        {
          what: "literal",
          file,
          range: { start: { line: 1, column: 27 }, end: { line: 1, column: 31 } },
          text: "4096",
          origin: {
            kind: "commit",
            authorship: {
              commit: grace,
              author: "Grace Hopper",
              email: "x@example.org",
              date: "2026-11-23T23:30:00+02:00",
              subject: "context of 4096",
              path: file,
            },
          },
        },
        expect.objectContaining({ what: "spread", text: "...common" }),
        { what: "computed from placement" },
        expect.objectContaining({ what: "call of f" }),
      ],
    });
  });

  test("as text gives the value and a line a link, without an author's control characters", async () => {
    const folder = repository();
    const { code, out } = await explain(folder, ["fra-1", "deployments.triage"]);
    expect(code).toBe(0);
    const [graces, mallorys] = ["HEAD~1", "HEAD"].map((at) =>
      gitIn(folder)("rev-parse", "--short=8", at),
    );
    const mallory = `${mallorys} 2026-11-23 Mal�[31mlory�: smoke �]0;x�${"y".repeat(59)}…`;
    const second = "export const a = { ...common, smoke: 'ü' };";
    const first = "const common = { context: 4096 };".padEnd(second.length);
    expect(out.split("\n")).toEqual([
      "{",
      '  "context": 4096',
      "}",
      "",
      `literal                  ${file}:1:27  ${first}  ${graces} 2026-11-23 Grace Hopper: context of 4096`,
      `spread                   ${file}:2:20  ${second}  ${mallory}`,
      "computed from placement",
      `call of f                ${file}:1:1   ${first}  ${mallory}`,
      "",
    ]);
  });

  test("of the folder as it lies says what is not committed yet", async () => {
    const folder = repository();
    writeFileSync(join(folder, file), text.replace("4096", "8192"));
    const { out } = await explain(folder, ["fra-1", "deployments.triage", "--worktree"]);
    expect(out).toMatch(/^literal .*8192 }; .* not committed yet$/m);
    expect((await explain(folder, ["fra-1", "deployments.triage"])).out).not.toContain(
      "not committed",
    );
  });

  test("at a commit, from elsewhere", async () => {
    const folder = repository();
    const argv = ["fra-1", "deployments.triage", "--repo", folder, "--at", "HEAD~1", "--json"];
    const { json } = await explain(temporary(), argv);
    expect(json()).toMatchObject({
      chain: [{ origin: { authorship: { author: "Grace Hopper" } } }, {}, {}, {}],
    });
  });

  test("a long line is cut to what matters", async () => {
    const folder = committed();
    const long = `const a = "${"🧵".repeat(500)}", here = 1;\n`;
    writeFileSync(join(folder, file), long);
    const start = long.indexOf("here");
    const chain = [{ what: "literal", at: { file, start, end: start + 4 } }];
    const by: Trace = () => ({ kind: "traced", value: 1, chain });
    const { out } = await explain(folder, ["fra-1", "a", "--worktree"], by);
    expect(out).toContain('🧵🧵🧵", here = 1;  not committed yet');
    expect(out.isWellFormed()).toBe(true);
  });

  test("where nothing is to be found ends with 1 and says why", async () => {
    const folder = repository();
    const { code, out, err } = await explain(folder, ["fra-9", "deployments.triage"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe("error[explain/nothing-there]: there is no host fra-9�[2J\n");
    const { code: again, json } = await explain(folder, ["fra-9", "deployments.triage", "--json"]);
    expect(again).toBe(1);
    expect(json()).toMatchObject({ error: { code: "explain/nothing-there" } });
  });

  test("of broken definitions shows what is wrong and ends with 1", async () => {
    const problems = [
      { code: "check/no-fleet", severity: "error", message: "none", at: undefined },
    ] as const;
    const by: Trace = () => ({ kind: "unsound", problems });
    const { code, json } = await explain(repository(), ["fra-1", "a", "--json"], by);
    expect(code).toBe(1);
    expect(json()).toMatchObject({ diagnostics: [{ code: "check/no-fleet" }] });
  });
});

describe("explain CODE, beside it", () => {
  test("tells what a code means, and needs no repository", async () => {
    const { code, out } = await explain(temporary(), ["check/no-fleet"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^check\/no-fleet\n\n.*fleet/);
  });

  test("at a commit is wrong usage, as is nothing at all", async () => {
    for (const argv of [["check/no-fleet", "--at", "main"], ["check/no-fleet", "--worktree"], []])
      expect(await explain(temporary(), argv)).toMatchObject({ code: 2, out: "" });
  });

  test("--help shows both", async () => {
    const { out } = await explain(temporary(), ["--help"]);
    expect(out).toContain("$ millwright explain place/no-host-fits");
    expect(out).toContain("$ millwright explain fra-1 deployments.triage.context");
  });
});
