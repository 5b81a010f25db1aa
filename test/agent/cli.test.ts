/** The command line on a host, called as a function. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";

async function agent(...argv: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), "millwright-cli-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const said = { out: "", err: "" };
  const code = await run(argv, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interactive: false,
    env: {},
    cwd,
    signal: new AbortController().signal,
    now: () => 0,
  });
  return { code, ...said };
}

test.each(["init", "install", "run", "status", "apply", "doctor", "engine", "route", "uninstall"])(
  "%s --help shows an example",
  async (name) => {
    const { code, out, err } = await agent(name, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`$ millwright-agent ${name}`);
  },
);

test("wrong usage ends with 2, and prints nothing as a result", async () => {
  const { code, out, err } = await agent("status", "--jsno");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("--help");
  const open = await agent("run", "--local", "0.0.0.0:80");
  expect(open).toMatchObject({ code: 2, err: expect.stringContaining("loopback address") });
});

test("a failure of the world ends with 3, says what to do, and moves no cursor", async () => {
  const state = "no\u001b[2Jwhere";
  const { code, out, err } = await agent("status", "--state", state);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/^error\[cli\/not-running\]: .*no\ufffd\[2Jwhere.*millwright-agent run/);
  const json = await agent("status", "--state", state, "--json");
  expect(JSON.parse(json.out)).toMatchObject({ error: { code: "cli/not-running" } });
});
