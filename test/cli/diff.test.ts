/** `millwright diff`, as a reviewer runs it: what a change does, in three forms, whatever the repository holds. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { filesAfter, filesOf } from "../bench/compile/repository.ts";
import { committed, gitIn, millwright, temporary } from "./cli-kit.ts";

let folder: string;
let git: ReturnType<typeof gitIn>;

beforeEach(() => {
  folder = committed();
  git = gitIn(folder);
});

function edit(path: string, from: string, to: string): void {
  const file = join(folder, "factories", path);
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(file, text.replaceAll(from, to));
}

function commit(message: string): string {
  git("add", ".");
  git("commit", "-q", "-m", message);
  return git("rev-parse", "HEAD");
}

/** Main and `feature` each go on by a commit of their own. */
function twoWays(): void {
  git("switch", "-qc", "feature");
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  git("switch", "-q", "main");
  edit("fleet.ts", 'every: "2s"', 'every: "5s"');
  commit("slower telemetry");
}

describe("what is compared", () => {
  test("by default the folder as it lies, with HEAD", async () => {
    expect(await millwright(folder, "diff")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Nothing changes: 3 hosts untouched, root [0-9a-f]{12}\.\n$/),
    });
    edit("support.ts", "parallel: 4", "parallel: 8");
    const { code, out } = await millwright(folder, "diff");
    expect(code).toBe(0);
    expect(out).toMatch(/^2 hosts touched, 1 untouched; 2 instances restarted beside\.$/m);
    expect(out).toMatch(/^ +deployments\.triage\.parallel: 4 → 8$/m);
    expect(out).toMatch(/^ +triage: restart beside the old one \(parallel changed\)$/m);
    expect(out).toMatch(
      /^ +memory \d+ MiB → \d+ MiB of 2\.0 GiB, \d+ MiB meanwhile, tightest on fra-1$/m,
    );
    expect(out).toMatch(/^ +plan of fra-2: [0-9a-f]{12} → [0-9a-f]{12}$/m);
  });

  test("one commit is compared with HEAD, or with the folder; two with one another", async () => {
    const first = git("rev-parse", "HEAD");
    edit("support.ts", "parallel: 4", "parallel: 8");
    const second = commit("more at once");
    edit("support.ts", "parallel: 8", "parallel: 2");
    const said = async (...args: readonly string[]) =>
      /parallel: (\d → \d)/.exec((await millwright(folder, "diff", ...args)).out)?.[1];
    expect(await said(first)).toBe("4 → 8");
    expect(await said(first, "--worktree")).toBe("4 → 2");
    expect(await said(first, second)).toBe("4 → 8");
    expect(await said(second, first)).toBe("8 → 4");
    expect(await said()).toBe("8 → 2");
  });

  test("with --merge-base a branch answers for its own changes only", async () => {
    twoWays();
    const whole = await millwright(folder, "diff", "main", "feature");
    expect(whole.out).toContain("telemetry.every");
    const own = await millwright(folder, "diff", "main", "feature", "--merge-base");
    expect(own.out).not.toContain("telemetry.every");
    expect(own.out).toContain("parallel: 4 → 8");
  });

  test("--worktree beside two commits is wrong usage; a name that is none says what to do", async () => {
    const twice = await millwright(folder, "diff", "HEAD", "HEAD", "--worktree");
    expect(twice).toMatchObject({ code: 2, out: "" });
    const unknown = await millwright(folder, "diff", "no-such-branch");
    expect(unknown.code).toBe(3);
    expect(unknown.err).toContain("has no revision no-such-branch. See git log for what there is");
    const option = await millwright(folder, "diff", "--", "--output=/tmp/x", "HEAD");
    expect(option.code).toBe(3);
  });

  test("a shallow clone without the base says how to get it", async () => {
    edit("support.ts", "parallel: 4", "parallel: 8");
    const first = git("rev-parse", "HEAD");
    commit("more at once");
    const clone = join(temporary(), "clone");
    gitIn(folder)("clone", "-q", "--depth", "1", `file://${folder}`, clone);
    const { code, err } = await millwright(clone, "diff", first);
    expect(code).toBe(3);
    expect(err).toContain("The clone is shallow: git fetch --unshallow brings the older commits.");
  });
});

describe("what stands against a change", () => {
  test("one that does not compile is shown its diagnostics, in every form, and ends with 1", async () => {
    edit("support.ts", "context: 1024", "contxet: 1024");
    for (const form of [[], ["--json"], ["--markdown"]]) {
      const { code, out, err } = await millwright(folder, "diff", ...form);
      expect(code).toBe(1);
      expect(out + err).toContain("check/unknown-field");
    }
  });

  test("a base that does not compile is no fault of the change", async () => {
    edit("support.ts", "context: 1024", "contxet: 1024");
    const broken = commit("broken");
    edit("support.ts", "contxet: 1024", "context: 1024");
    const { code, out, err } = await millwright(folder, "diff", broken, "--worktree");
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("error[diff/base-does-not-compile]");
    expect(err).toContain(`millwright check --at ${broken}`);
    const json = await millwright(folder, "diff", broken, "--worktree", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      base: broken,
      comparison: null,
      error: { code: "diff/base-does-not-compile" },
    });
  });

  test("the first definitions of a repository are all new", async () => {
    const first = git("rev-list", "--max-parents=0", "HEAD");
    git("checkout", "-q", "--orphan", "bare");
    git("rm", "-rq", "--cached", ".");
    git("commit", "-q", "--allow-empty", "-m", "nothing yet");
    const { code, out } = await millwright(folder, "diff", "bare", first);
    expect(code).toBe(0);
    expect(out).toMatch(/\+ fleet /);
    expect(out).toContain("0 untouched");
  });

  test("ranges are taken as git takes them", async () => {
    twoWays();
    const whole = await millwright(folder, "diff", "main..feature");
    expect(whole.out).toContain("telemetry.every");
    const own = await millwright(folder, "diff", "main...feature");
    expect(own.out).not.toContain("telemetry.every");
    expect(own.out).toContain("parallel: 4 → 8");
    const twice = await millwright(folder, "diff", "main..feature", "HEAD");
    expect(twice).toMatchObject({ code: 2, out: "" });
  });

  test("a policy denies the change, which is shown all the same; taking the policy away is no way around it", async () => {
    const rule = join(folder, "factories/rule.yaml");
    writeFileSync(
      rule,
      "kind: policy\nname: grow-slowly\non: deployment\nrequire: before == null || !has(before.parallel) || self.parallel <= before.parallel + 1\nmessage: One more at a time.\n",
    );
    const base = commit("a rule");
    edit("support.ts", "parallel: 4", "parallel: 8");
    const denied = await millwright(folder, "diff");
    expect(denied.code).toBe(1);
    expect(denied.err).toContain("error[policy/denied]");
    expect(denied.err).toContain("One more at a time.");
    expect(denied.out).toContain("parallel: 4 → 8");
    git("rm", "-q", "factories/rule.yaml");
    const head = commit("faster, and nobody forbids it");
    const around = await millwright(folder, "diff", base, head);
    expect(around.code).toBe(1);
    expect(around.err).toContain("One more at a time.");
    const again = await millwright(folder, "diff", base, head, "--markdown");
    expect(again.code).toBe(1);
    expect(again.out).toContain("One more at a time");
  });
});

test("windows in which hosts take no new plan are told when one is open or opens within a day", async () => {
  edit(
    "fleet.ts",
    'telemetry: { every: "2s" }',
    'telemetry: { every: "2s" },\n  freeze: { lunch: { starts: "30 11 * * *", lasts: "2h" }, friday: { starts: "0 18 * * 5", lasts: "1d" } }',
  );
  commit("windows");
  edit("support.ts", "parallel: 4", "parallel: 8");
  // The terminal's clock stands at noon on a Monday.
  const { out } = await millwright(folder, "diff");
  expect(out).toContain(
    "lunch: from 2026-11-23 11:30 UTC to 2026-11-23 13:30 UTC hosts take no new plan",
  );
  expect(out).not.toContain("friday");
});

test("what was compared is not compared again, and a cache that somebody has changed is not believed", async () => {
  const first = git("rev-parse", "HEAD");
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  const once = await millwright(folder, "diff", first);
  const cache = join(folder, "..", "home/.cache/millwright/diff");
  const [entry = "", ...others] = readdirSync(cache);
  expect(others).toEqual([]);
  expect(await millwright(folder, "diff", first)).toMatchObject({ code: 0, out: once.out });
  const file = join(cache, entry);
  const forged = readFileSync(file, "utf8").replaceAll('"replica":0', '"replica":9');
  expect(forged).toContain('"replica":9');
  writeFileSync(file, forged);
  const json = await millwright(folder, "diff", first, "--json");
  expect(json.out).toContain('"replica": 0');
  expect(json.out).not.toContain('"replica": 9');
});

describe("for a pull request", () => {
  test("nothing of the repository becomes markup, a mention or a link, and every fold is closed", async () => {
    const name =
      "</details><img src=x onerror=alert(1)> @everyone [x](https://evil.example) `code` | <!--";
    writeFileSync(
      join(folder, "factories/evil.yaml"),
      `kind: model\nname: evil\nsource: file:models/mail-triage.gguf\nlicence: MIT\nsmoke:\n  prompt: ${JSON.stringify(name)}\n  contains: x\n`,
    );
    edit("support.ts", "model: mailTriage", 'model: "evil"');
    edit("support.ts", 'owner: "team-support"', `owner: ${JSON.stringify(`team-${name}`)}`);
    const { code, out } = await millwright(folder, "diff", "--markdown");
    expect(code).toBe(0);
    expect(out).toContain("factory <code>support</code>");
    expect(out).toContain("everyone");
    for (const danger of ["<img", "@everyone", "](", "https://", "`code`", "<!--", "alert(1)"])
      expect(out).not.toContain(danger);
    expect(out.match(/<details>/g)?.length).toBe(out.match(/<\/details>/g)?.length);
  });

  test("a thousand hosts that all change fit into one comment, and into few lines of a terminal", async () => {
    const size = { hosts: 1000, factories: 50, models: 20, seed: 1 };
    const big = temporary();
    const lay = (files: ReadonlyMap<string, string>) => {
      for (const [path, text] of files) {
        mkdirSync(join(big, path, ".."), { recursive: true });
        writeFileSync(join(big, path), text);
      }
    };
    lay(filesOf(size));
    const bigGit = gitIn(big);
    bigGit("init", "-q");
    bigGit("add", ".");
    bigGit("commit", "-qm", "before");
    lay(filesAfter(size));
    const fleet = join(big, "factories/fleet.ts");
    writeFileSync(fleet, readFileSync(fleet, "utf8").replace('every: "10s"', 'every: "20s"'));
    const { code, out } = await millwright(big, "diff", "--markdown");
    expect(code).toBe(0);
    expect(out).toContain("1000 hosts touched, 0 untouched");
    expect(Buffer.byteLength(out)).toBeLessThan(60_000);
    expect(Buffer.byteLength(out)).toBeGreaterThan(20_000);
    expect(out.match(/<details>/g)?.length).toBe(out.match(/<\/details>/g)?.length);
    const terminal = await millwright(big, "diff");
    expect(terminal.out.split("\n").length).toBeLessThan(250);
    const { comparison } = (await millwright(big, "diff", "--json")).json() as {
      comparison: { hosts: unknown[] };
    };
    expect(comparison.hosts).toHaveLength(1000);
  });
});
