import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committed, gitIn, millwright, temporary } from "./cli-kit.ts";

const file = "factories/support.ts";
const path = "deployments.triage.context";

function edit(folder: string, change: (text: string) => string): void {
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
}

/** The example, in which Grace wrote the constant and Mallory, with colours, the spread. */
function repository(): string {
  const folder = committed();
  const git = gitIn(folder);
  const commit = (author: string, subject: string) => {
    const date = "--date=2026-11-23T23:30:00+02:00";
    git("commit", "-qa", `--author=${author} <x@example.org>`, date, "-m", subject);
  };
  edit(folder, (text) =>
    text.replace("/** Reads", "const common = { context: 512 };\n\n/** Reads"),
  );
  commit("Grace Hopper", "context of 512");
  edit(folder, (text) => text.replace("context: 1024", "...common"));
  commit("Mal\u001b[31mlory\u202e", `smoke \u001b]0;x\u0007${"y".repeat(200)}`);
  return folder;
}

describe("explain HOST PATH", () => {
  test("as JSON gives the value and, for each link, the place and the commit that wrote it", async () => {
    const folder = repository();
    const { code, json, err } = await millwright(folder, "explain", "fra-1", path, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [mallory, grace] = ["HEAD", "HEAD~1"].map((at) => gitIn(folder)("rev-parse", at));
    const chain = [
      {
        what: `factory support, ${path}`,
        file,
        range: { start: { line: 5, column: 27 }, end: { line: 5, column: 30 } },
        text: "512",
        origin: {
          kind: "commit",
          authorship: {
            commit: grace,
            author: "Grace Hopper",
            email: "x@example.org",
            date: "2026-11-23T23:30:00+02:00",
            subject: "context of 512",
            path: file,
          },
        },
      },
      expect.objectContaining({ what: "literal", text: "512" }),
      expect.objectContaining({
        what: "spread",
        text: "...common",
        origin: expect.objectContaining({
          authorship: expect.objectContaining({ commit: mallory }),
        }),
      }),
    ];
    expect(json()).toEqual({ host: "fra-1", path, value: 512, chain });
  });

  test("as text gives the value and a line a link, without an author's control characters", async () => {
    const folder = repository();
    const { code, out } = await millwright(folder, "explain", "fra-1", path);
    expect(code).toBe(0);
    const short = gitIn(folder)("rev-parse", "--short=8", "HEAD");
    expect(out).toMatch(/^512\n\n/);
    expect(out).toContain(
      `${short} 2026-11-23 Mal\ufffd[31mlory\ufffd: smoke \ufffd]0;x\ufffd${"y".repeat(59)}…`,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u001b\u202e]/);
  });

  test("of the folder as it lies says what is not committed yet", async () => {
    const folder = repository();
    edit(folder, (text) => text.replace("512", "256"));
    const { out } = await millwright(folder, "explain", "fra-1", path, "--worktree");
    expect(out).toMatch(/^256\n\n/);
    expect(out).toMatch(/^literal .*256 }; .* not committed yet$/m);
    expect((await millwright(folder, "explain", "fra-1", path)).out).not.toContain("not committed");
  });

  test("at a commit, from elsewhere", async () => {
    const folder = repository();
    const argv = ["explain", "fra-1", path, "--repo", folder, "--at", "HEAD~1", "--json"];
    const { json } = await millwright(temporary(), ...argv);
    expect(json()).toMatchObject({ value: 1024, chain: [{ text: "1024" }, { what: "literal" }] });
  });

  test("a long line is cut to what matters", async () => {
    const folder = repository();
    edit(folder, (text) => text.replace("512", `/*${"🧵".repeat(500)}*/ 512`));
    const { out } = await millwright(folder, "explain", "fra-1", path, "--worktree");
    expect(out).toContain("🧵🧵");
    expect(out.isWellFormed()).toBe(true);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThan(400);
  });

  test("where nothing is to be found ends with 1 and says what there is", async () => {
    const folder = repository();
    const { code, out, err } = await millwright(folder, "explain", "fra-9\u001b[2J", path);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe(
      "error[explain/nothing-there]: there is no host fra-9\ufffd[2J; there are fra-1, fra-2, zrh-1\n",
    );
    const { code: again, json } = await millwright(folder, "explain", "fra-1", "x", "--json");
    expect(again).toBe(1);
    expect(json()).toMatchObject({ error: { code: "explain/nothing-there" } });
  });

  test("of broken definitions shows what is wrong and ends with 1", async () => {
    const folder = repository();
    edit(folder, (text) => text.replace("512", "oops"));
    const argv = ["explain", "fra-1", path, "--worktree", "--json"];
    const { code, json } = await millwright(folder, ...argv);
    expect(code).toBe(1);
    expect(json()).toMatchObject({ diagnostics: [{ code: "evaluate/unknown-identifier" }] });
  });
});

describe("explain CODE, beside it", () => {
  test("tells what a code means, and needs no repository", async () => {
    const { code, out } = await millwright(temporary(), "explain", "check/no-fleet");
    expect(code).toBe(0);
    expect(out).toMatch(/^check\/no-fleet\n\n.*fleet/);
  });

  test("at a commit is wrong usage, as is nothing at all", async () => {
    for (const argv of [["check/no-fleet", "--at", "main"], ["check/no-fleet", "--worktree"], []])
      expect(await millwright(temporary(), "explain", ...argv)).toMatchObject({ code: 2, out: "" });
  });

  test("--help shows both", async () => {
    const { out } = await millwright(temporary(), "explain", "--help");
    expect(out).toContain("$ millwright explain place/no-host-fits");
    expect(out).toContain("$ millwright explain fra-1 deployments.triage.context");
  });
});
