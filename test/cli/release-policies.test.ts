/** A release holds the change since the last one against the policies of both commits. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { committed, gitIn, millwright } from "./cli-kit.ts";

test("what a policy of change forbids is not released, even when the change takes the policy away", async () => {
  const folder = committed();
  const git = gitIn(folder);
  writeFileSync(
    join(folder, "factories/rule.yaml"),
    "kind: policy\nname: grow-slowly\non: deployment\nrequire: before == null || !has(before.parallel) || self.parallel <= before.parallel + 1\nmessage: One more at a time.\n",
  );
  git("add", ".");
  git("commit", "-qm", "a rule");
  expect((await millwright(folder, "init")).code).toBe(0);
  expect((await millwright(folder, "release")).code).toBe(0);
  const released = git("rev-parse", "releases");

  const support = join(folder, "factories/support.ts");
  writeFileSync(support, readFileSync(support, "utf8").replace("parallel: 4", "parallel: 8"));
  git("commit", "-qam", "faster");
  const denied = await millwright(folder, "release");
  expect(denied.code).toBe(1);
  expect(denied.err).toContain("error[policy/denied]");
  expect(denied.err).toContain("One more at a time.");

  git("rm", "-q", "factories/rule.yaml");
  git("commit", "-qm", "and nobody forbids it");
  const around = await millwright(folder, "release", "--json");
  expect(around.code).toBe(1);
  expect(around.json()).toMatchObject({ diagnostics: [{ code: "policy/denied" }] });
  expect(git("rev-parse", "releases")).toBe(released);

  // Taken away by itself, the rule is gone for the next change: two releases, two reviews.
  git("revert", "--no-edit", "HEAD~1");
  expect((await millwright(folder, "release")).code).toBe(0);
  git("revert", "--no-edit", "HEAD");
  expect((await millwright(folder, "release")).code).toBe(0);
});
