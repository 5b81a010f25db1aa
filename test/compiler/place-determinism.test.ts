/** What is packed tightly, and what is refused, is the same in processes that differ in all that a machine may differ in. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const machines = [
  { flags: [], LC_ALL: "C.UTF-8", TZ: "UTC" },
  { flags: ["--max-semi-space-size=1"], LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" },
  { flags: ["--no-opt", "--hash-seed=7"], LC_ALL: "ar_EG.UTF-8", TZ: "Pacific/Chatham" },
];

test("crowded fleets are placed and refused alike, whatever the language, time zone, heap or compiler of the engine", async () => {
  const child = join(import.meta.dirname, "place-child.ts");
  const said = await Promise.all(
    machines.map(async ({ flags, ...locale }) => {
      const { stdout } = await promisify(execFile)(execPath, [...flags, child], {
        env: { ...env, ...locale },
      });
      return JSON.parse(stdout) as { placed: number; refused: number; digest: string };
    }),
  );
  expect(new Set(said.map(({ digest }) => digest)).size).toBe(1);
  expect(said[0]?.placed).toBeGreaterThan(20);
  expect(said[0]?.refused).toBeGreaterThan(2);
});
