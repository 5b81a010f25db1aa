/**
 * The jobs in factories/.ci, run as GitHub and GitLab run them: their own scripts, in bash, against a real origin.
 * Only the installation of the compiler is left out: it is this one, behind `npx`.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { execPath, env as processEnv } from "node:process";
import { beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { committed, gitIn, temporary } from "./cli-kit.ts";

const root = join(import.meta.dirname, "../..");
const textOf = (name: string) => readFileSync(join(root, "factories/.ci", name), "utf8");

interface Ended {
  readonly code: number | null;
  /** What stands in the log of the job. */
  readonly log: string;
  /** The comment. */
  readonly comment: string;
  /** Where the job worked. */
  readonly folder: string;
}

const branch = "x$(>pwned)`>pwned`;>pwned";

let origin: string;
let git: ReturnType<typeof gitIn>;
let base: string;

beforeEach(() => {
  origin = committed();
  git = gitIn(origin);
  base = git("rev-parse", "HEAD");
  // The name of a branch is the author's to choose.
  git("switch", "-qc", branch);
});

/** What somebody wants to merge: also where either forge keeps it. */
function request(): string {
  git("add", "-A");
  git("commit", "-qm", "a change");
  const head = git("rev-parse", "HEAD");
  git("update-ref", "refs/pull/7/head", head);
  git("update-ref", "refs/merge-requests/7/head", head);
  git("switch", "-q", "main");
  return head;
}

function edit(path: string, from: string, to: string): void {
  const file = join(origin, "factories", path);
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
}

/** A folder first in PATH, whose npx is the compiler of this repository. */
function installed(): string {
  const bin = temporary();
  const npx = `#!/bin/sh\nshift 2\nexec '${execPath}' '${join(root, "compiler/cli/millwright.ts")}' "$@"\n`;
  writeFileSync(join(bin, "npx"), npx);
  chmodSync(join(bin, "npx"), 0o755);
  return bin;
}

function bash(script: string, cwd: string, variables: Readonly<Record<string, string>>) {
  const home = temporary();
  const { PATH = "" } = processEnv;
  return spawnSync("bash", ["-eo", "pipefail", "-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: `${installed()}:${PATH}`, HOME: home, GIT_CONFIG_NOSYSTEM: "1", ...variables },
  });
}

/** As actions/checkout leaves it, then every `run` but the installation. */
function onGitHub(head: string): Ended {
  const workspace = join(temporary(), "work");
  gitIn(origin)("clone", "-q", "--no-checkout", `file://${origin}`, workspace);
  gitIn(workspace)("checkout", "-q", "--detach", base);
  const runner = temporary();
  const summary = join(runner, "summary.md");
  const steps: { run?: string; env?: Record<string, string> }[] = parse(textOf("github.yml")).jobs
    .consequences.steps;
  const event: Readonly<Record<string, string>> = {
    "github.event.pull_request.number": "7",
    "github.event.pull_request.base.sha": base,
    "github.event.pull_request.head.sha": head,
    "github.token": "the-token",
  };
  let log = "";
  for (const { run, env = {} } of steps) {
    if (run === undefined || run === "node .ci/install.js") continue;
    const filled = Object.entries(env).map(([name, value]) => [
      name,
      value.replace(/^\$\{\{ (.*) \}\}$/, (_, path: string) => event[path] ?? ""),
    ]);
    const ended = bash(run, workspace, {
      ...Object.fromEntries(filled),
      ...{
        GITHUB_HEAD_REF: branch,
        GITHUB_ACTIONS: "true",
        RUNNER_TEMP: runner,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    log += ended.stdout + ended.stderr;
    if (ended.status !== 0)
      return { code: ended.status, log, comment: readOr(summary), folder: workspace };
  }
  return { code: 0, log, comment: readOr(summary), folder: workspace };
}

/** GitLab joins the lines of `script` into one, which ends at the first that fails. */
function onGitLab(_head: string, forked = false): Ended {
  const project = temporary();
  const target = join(temporary(), "mills");
  symlinkSync(origin, `${target}.git`);
  const lines: string[] = parse(textOf("gitlab.yml")).millwright.script;
  const script = lines.filter((line) => line !== "node .ci/install.js").join("\n");
  const { status, stdout, stderr } = bash(script, project, {
    CI_REPOSITORY_URL: forked ? "file:///the-fork" : `file://${origin}`,
    CI_PROJECT_ID: forked ? "2" : "1",
    CI_MERGE_REQUEST_PROJECT_ID: "1",
    CI_MERGE_REQUEST_PROJECT_URL: `file://${target}`,
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: branch,
    CI_JOB_TOKEN: "the-token",
    CI_PROJECT_DIR: project,
    CI_MERGE_REQUEST_IID: "7",
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
  });
  const comment = readOr(join(project, "millwright.md"));
  return { code: status, log: stdout + stderr, comment, folder: join(project, "base") };
}

function readOr(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

const forges = [
  ["GitHub", onGitHub],
  ["GitLab", onGitLab],
] as const;

describe.each(forges)("on %s", (forge, run) => {
  test("a change that may be made ends well, and its consequences are told", () => {
    edit("support.ts", "parallel: 4", "parallel: 8");
    const { code, comment, log, folder } = run(request());
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(comment).toContain("**2 hosts touched, 1 untouched; 2 instances restarted beside.**");
    expect(Buffer.byteLength(comment)).toBeLessThan(60_000);
    // The base lies there, and nothing that opens the repository again.
    expect(gitIn(folder)("rev-parse", "HEAD")).toBe(base);
    expect(gitIn(folder)("status", "--porcelain")).toBe("");
    expect(existsSync(join(folder, "pwned"))).toBe(false);
    expect(readOr(join(folder, ".git/config"))).not.toMatch(/the-token|credential|extraheader/);
  });

  test("one that does not compile fails, with what is wrong and where", () => {
    edit("support.ts", "context: 1024", "contxet: 1024");
    const { code, comment, log } = run(request());
    expect(code).toBe(1);
    expect(comment).toContain("this change does not compile");
    expect(log).toContain("check/unknown-field");
    if (forge === "GitHub") expect(log).toMatch(/^::error .*file=factories\/support\.ts,/m);
  });

  test("one that a policy denies fails, and the comment says which policy", () => {
    edit("support.ts", 'owner: "team-support"', 'owner: "ada"');
    const { code, comment, log } = run(request());
    expect(code).toBe(1);
    expect(log).toContain("policy/denied");
    expect(comment).toContain("owner-is-a-team");
  });

  test("text that would be markup, or a command to the runner, stays text", () => {
    const name = "<img src=x>\\n::error::forged\\n[x](javascript:x) <!--";
    edit("support.ts", "context: 1024", `"${name}": 1024`);
    const { code, comment, log } = run(request());
    expect(code).toBe(1);
    expect(log).toContain("check/unknown-field");
    expect(log).toContain("forged");
    expect(log).not.toMatch(/^::error::forged/m);
    expect(comment).toContain("forged");
    expect(comment).not.toMatch(/^::|<img|<!--|\]\(javascript/m);
  });

  test("nothing of a hostile one runs", () => {
    const canary = join(temporary(), "pwned");
    const touch = `touch ${canary}`;
    const scripts = {
      preinstall: touch,
      install: touch,
      prepare: touch,
      pretest: touch,
      millwright: touch,
    };
    writeFileSync(
      join(origin, "package.json"),
      JSON.stringify({ name: "x", scripts, bin: { millwright: "evil.sh" } }),
    );
    writeFileSync(
      join(origin, ".npmrc"),
      `script-shell=${join(origin, "evil.sh")}\nignore-scripts=false\n`,
    );
    writeFileSync(join(origin, ".gitattributes"), "* filter=evil diff=evil\n");
    mkdirSync(join(origin, "factories/.ci"), { recursive: true });
    for (const path of ["evil.sh", "factories/.ci/pull-request.sh", "factories/run.sh"]) {
      writeFileSync(join(origin, path), `#!/bin/sh\n${touch}\n`);
      chmodSync(join(origin, path), 0o755);
    }
    writeFileSync(
      join(origin, "factories/evil.ts"),
      `import { execSync } from "node:child_process";\nexecSync(${JSON.stringify(touch)});\n`,
    );
    edit("support.ts", "parallel: 4", `parallel: 8, // $(${touch})`);
    const { code, log, folder } = run(request());
    expect(code).toBe(1);
    expect(log).toContain("evaluate/import-outside");
    expect(existsSync(canary)).toBe(false);
    expect(existsSync(join(folder, "evil.sh"))).toBe(false);
  });
});

test("on GitLab, the pipeline of a fork compares with the project that is asked", () => {
  edit("support.ts", "parallel: 4", "parallel: 8");
  const { code, comment, log } = onGitLab(request(), true);
  expect({ code, log }).toMatchObject({ code: 0 });
  expect(comment).toContain("**2 hosts touched");
});

test("the jobs ask for no secret, write nothing, and put no text of an event into a shell", () => {
  const github = parse(textOf("github.yml"));
  expect(Object.keys(github.on)).toEqual(["pull_request"]);
  expect(github.permissions).toEqual({ contents: "read" });
  const [checkout, fetch, ...others] = github.jobs.consequences.steps;
  expect(checkout.uses).toMatch(/^actions\/checkout@[0-9a-f]{40}$/);
  expect(checkout.with).toMatchObject({ "fetch-depth": 0, "persist-credentials": false });
  expect(checkout.with.ref).toMatch(/\{ github\.event\.pull_request\.base\.sha \}\}$/);
  // The job's own token opens a private repository once; what is installed and run does not get it.
  expect(fetch.env.JOB).toContain("{{ github.token }}");
  expect(JSON.stringify([checkout, others])).not.toContain("github.token");
  for (const { run = "" } of [fetch, ...others]) expect(run).not.toContain("${{");
  for (const name of ["github.yml", "gitlab.yml"]) {
    const text = textOf(name);
    expect(text).not.toMatch(/secrets[.[]|pull_request_target|PASSWORD/);
    expect(text).not.toMatch(/\.title|\.body|head\.ref|SOURCE_BRANCH_NAME|_TITLE|_DESCRIPTION/);
  }
  expect(parse(textOf("gitlab.yml")).millwright.variables).toEqual({ GIT_STRATEGY: "none" });
});
