import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { checkout } from "./fleet-kit.ts";

test("npm start -- --once --json plays the whole line and prints what came of it", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(checkout, "compiler/cli/millwright.ts"), "demo", "--once", "--json"],
    { timeout: 120_000 },
  );
  const outcome = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(outcome).sort()).toEqual([
    "answer",
    "droppedRequests",
    "feedbackReceived",
    "hosts",
    "movedTo",
    "revision",
    "root",
  ]);
  expect(outcome).toMatchObject({
    revision: 1,
    movedTo: 2,
    droppedRequests: 0,
    answer: "Hugo: cancel keyboard 6823. Team: sales.",
    root: expect.stringMatching(/^[0-9a-f]{64}$/),
    hosts: [
      { name: "fra-1", state: "running", models: ["mail-triage+mail-triage-care"] },
      { name: "fra-2", state: "running", models: ["mail-triage+mail-triage-care"] },
      { name: "zrh-1", state: "running", models: ["sql-writer"] },
    ],
  });
  expect(outcome["feedbackReceived"]).toBeGreaterThan(0);
}, 150_000);
