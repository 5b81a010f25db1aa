/** `millwright-agent route`, called as a function: decisions are made again from files alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";
import { verifiedPlan } from "./gateway-kit.ts";

const tools = { read: "tools" as const };
const { plan, digest } = verifiedPlan({
  routes: {
    mail: {
      ...{ factory: "support", to: ["triage", "silent"] },
      choose: [
        { rule: "choose[0]", when: tools, to: ["silent"] },
        { rule: "choose[1]", to: ["triage"] },
      ],
    },
  },
});

async function route(files: Readonly<Record<string, unknown>>, ...argv: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), "millwright-route-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, value] of Object.entries({ "plan.json": plan, ...files }))
    writeFileSync(join(cwd, name), typeof value === "string" ? value : JSON.stringify(value));
  const said = { out: "", err: "" };
  const code = await run(["route", ...argv], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    ...{ interactive: false, env: {}, cwd, signal: new AbortController().signal, now: () => 0 },
  });
  return { code, ...said };
}

const body = { model: "mail", messages: [{ role: "user", content: "Hello\u001b[2J" }] };
const offline = ["--plan", "plan.json"];

test("a request is decided offline: which rule, why none before it, and whom it asks", async () => {
  const { code, out } = await route({ "mail.json": body }, "--explain", "mail.json", ...offline);
  expect(code).toBe(0);
  expect(out).toBe(
    `mail, by the plan ${digest.slice(7, 19)}\n  choose[0]  passed  its condition is false: tools is false\n  choose[1]  taken   it is about all that is left\nasks triage\n`,
  );
});

test("an answer that was given by another plan is told, with 1", async () => {
  const facts = { tools: true };
  const answer = { x_millwright: { route: { name: "mail", rule: "choose[1]", facts } } };
  const found = await route({ "a.json": answer }, "--explain", "a.json", ...offline, "--json");
  expect(found.code).toBe(1);
  expect(JSON.parse(found.out)).toMatchObject({
    ...{ name: "mail", rule: "choose[0]", recorded: "choose[1]", asks: ["silent"], plan: digest },
  });
  const unknown = { ...body, model: "nobody" };
  const nobody = await route({ "m.json": unknown }, "--explain", "m.json", ...offline);
  expect([nobody.code, nobody.out]).toEqual([1, expect.stringContaining("no such name")]);
});

test("what is no decision, no plan, or not there ends with 3; wrong usage with 2", async () => {
  const { code, err } = await route({ "x.json": "{}" }, "--explain", "x.json", ...offline);
  expect([code, err]).toEqual([3, expect.stringContaining("cli/not-a-decision")]);
  for (const name of ["mail.json", "none.json"]) {
    const found = await route({ "mail.json": body }, "--explain", "mail.json", "--plan", name);
    expect([found.code, found.out]).toEqual([3, ""]);
  }
  const empty = await route({ "mail.json": body }, "--explain", "mail.json", "--state", "no-state");
  expect(empty.code).toBe(3);
  expect((await route({})).code).toBe(2);
});
