/** `millwright log`: how a definition came to be what it is, by meaning, in whatever state a repository is. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { committed, example, gitIn, millwright, temporary } from "./cli-kit.ts";

let folder: string;
let git: ReturnType<typeof gitIn>;

beforeEach(() => {
  folder = committed();
  git = gitIn(folder);
});

const at = (path: string) => join(folder, "factories", path);

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(at(path), "utf8");
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(at(path), text.replaceAll(from, to));
}

function commit(message: string): string {
  git("add", "-A");
  git("commit", "-q", "-m", message);
  return git("rev-parse", "--short=8", "HEAD");
}

/** What is said, a paragraph a step. */
async function steps(...args: readonly string[]): Promise<readonly string[]> {
  const { code, out } = await millwright(folder, "log", ...args);
  expect(code).toBe(0);
  return out.trim().split("\n\n");
}

test("a change is told with its commit, author, day, and both values, the newest first", async () => {
  edit("support.ts", "parallel: 4", "parallel: 8");
  const first = commit("more at once");
  edit("support.ts", "context: 1024", "context: 2048");
  const second = commit("longer");
  const [newest, before, added] = await steps("support");
  expect(newest).toMatch(
    new RegExp(
      `^${second} \\d{4}-\\d\\d-\\d\\d Ada: longer\\n  deployments\\.triage\\.context: 1024 → 2048$`,
    ),
  );
  expect(before).toMatch(
    new RegExp(`^${first} .*: more at once\\n  deployments\\.triage\\.parallel: 4 → 8$`),
  );
  expect(added).toContain(": definitions\n  added in factories/support.ts\n  + ");
});

test("comments and layout change nothing", async () => {
  edit("support.ts", "// adapter", "// an adapter");
  edit("support.ts", "replicas: 2,", "replicas:\n        2,");
  commit("words only");
  expect(await steps("support")).toHaveLength(1);
});

test("what an imported file changes is a change of the definition", async () => {
  edit("models.ts", 'name: "mail-triage"', 'name: "post-triage"');
  commit("another name");
  expect((await steps("support"))[0]).toContain(
    'deployments.triage.model: "mail-triage" → "post-triage"',
  );
});

test("a moved file, and a move from TypeScript to YAML, keep the history", async () => {
  renameSync(at("support.ts"), at("inbox.ts"));
  commit("moved");
  rmSync(at("inbox.ts"));
  writeFileSync(
    at("inbox.yaml"),
    "kind: factory\nname: support\nowner: team-support\nreads: [support-mail]\ndeployments:\n  triage: { model: mail-triage, replicas: 2, context: 1024, parallel: 6, spread: host }\nroutes:\n  summarise-mail: { to: triage }\nfeedback: { sample: 0.25, redact: personal, keep: 90d }\n",
  );
  commit("to YAML");
  const [yaml, moved, added] = await steps("support");
  expect(yaml).toContain("moved from factories/inbox.ts to factories/inbox.yaml");
  expect(yaml).toContain("deployments.triage.parallel: 4 → 6");
  expect(moved).toContain("moved from factories/support.ts to factories/inbox.ts");
  expect(added).toContain("added in factories/support.ts");
});

test("what is taken away and comes again is told as both", async () => {
  git("rm", "-q", "factories/support.ts");
  commit("no more mails");
  git("checkout", "-q", "HEAD~1", "--", "factories/support.ts");
  commit("mails again");
  const told = await steps("support");
  expect(told.map((step) => step.split("\n")[0]?.split(": ")[1])).toEqual([
    "mails again",
    "no more mails",
    "definitions",
  ]);
  expect(told[1]).toContain("removed");
});

test("a commit that cannot be read is said, and history goes on behind it", async () => {
  writeFileSync(at("support.ts"), `${readFileSync(at("support.ts"), "utf8")}\nexport const x = `);
  commit("broken");
  git("revert", "--no-edit", "HEAD");
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  const [newest, broken, added] = await steps("support");
  expect(newest).toContain("parallel: 4 → 8");
  expect(broken).toMatch(/broken\n {2}cannot be read: evaluate\/syntax: .*factories\/support\.ts/);
  expect(added).toContain("added in");
});

test("a change on a branch is told once, and a merge only where it decides by itself", async () => {
  git("switch", "-qc", "feature");
  edit("support.ts", 'keep: "90d"', 'keep: "60d"');
  commit("forget sooner");
  git("switch", "-q", "main");
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  git("merge", "-q", "--no-commit", "feature");
  edit("support.ts", "replicas: 2", "replicas: 1");
  commit("merge, and one replica less");
  const told = await steps("support");
  expect(told.filter((step) => step.includes('feedback.keep: "90d" → "60d"'))).toHaveLength(1);
  expect(told.filter((step) => step.includes("parallel: 4 → 8"))).toHaveLength(1);
  expect(told[0]).toContain("merge, and one replica less");
  expect(told[0]).toContain("replicas: 2 → 1");
  expect(told[0]).not.toContain("keep");
});

test("a merge that takes each value from one side or the other is not told", async () => {
  git("switch", "-qc", "feature");
  edit("support.ts", 'keep: "90d"', 'keep: "60d"');
  commit("forget sooner");
  git("switch", "-q", "main");
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  git("merge", "-q", "--no-edit", "feature");
  const told = await steps("support");
  expect(told.map((step) => step.split("\n")[0]?.split(": ")[1]).sort()).toEqual([
    "definitions",
    "forget sooner",
    "more at once",
  ]);
});

test("what is not committed yet stands on top, unless a commit is named", async () => {
  edit("support.ts", "parallel: 4", "parallel: 8");
  expect((await steps("support"))[0]).toBe("uncommitted\n  deployments.triage.parallel: 4 → 8");
  expect(await steps("support", "--at", "HEAD")).toHaveLength(1);
});

describe("where history ends", () => {
  test("a shallow clone says that there is more, and how to get it", async () => {
    edit("support.ts", "parallel: 4", "parallel: 8");
    commit("more at once");
    const clone = join(temporary(), "clone");
    git("clone", "-q", "--depth", "1", `file://${folder}`, clone);
    const { code, out, err } = await millwright(clone, "log", "support");
    expect(code).toBe(0);
    expect(out + err).toContain("git fetch --unshallow");
    expect(out).not.toContain("added in");
  });

  test("-n cuts the list and says so", async () => {
    for (const parallel of [5, 6, 7]) {
      edit("support.ts", `parallel: ${parallel - 1}`, `parallel: ${parallel}`);
      commit(`parallel ${parallel}`);
    }
    const { out, err } = await millwright(folder, "log", "support", "-n", "2");
    expect(out).toContain("parallel: 6 → 7");
    expect(out).not.toContain("parallel: 4 → 5");
    expect(out + err).toMatch(/-n/);
  });

  test("no commits, and no repository, are said", async () => {
    const bare = example();
    const none = await millwright(bare, "log", "support");
    expect(none.code).toBe(3);
    gitIn(bare)("init", "-q");
    const empty = await millwright(bare, "log", "support");
    expect(empty.code).toBe(3);
    expect(none.err).toContain("is no git repository. Run git init there");
    expect(empty.err).toContain("It has no commits yet: commit the definitions first.");
  });
});

describe("names", () => {
  test("one that is unknown is told with the nearest", async () => {
    const { code, err, out } = await millwright(folder, "log", "suport");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("did you mean support?");
    const machine = await millwright(folder, "log", "suport", "--json");
    expect(machine.code).toBe(1);
    expect(machine.json()).toMatchObject({ error: { code: "log/no-such-definition" } });
  });

  test("one that two kinds share is asked for with its kind", async () => {
    writeFileSync(
      at("twin.yaml"),
      "kind: dataset\nname: support\nclassification: internal\nresidency: [de]\npurposes: [serve]\n",
    );
    commit("a dataset of the same name");
    const { code, err } = await millwright(folder, "log", "support");
    expect(code).toBe(1);
    expect(err).toContain("factory/support");
    expect(err).toContain("dataset/support");
    expect((await steps("dataset/support"))[0]).toContain("added in factories/twin.yaml");
  });
});

test("nothing that authors wrote reaches a terminal as a command", async () => {
  edit("support.ts", 'owner: "team-support"', 'owner: "team-\\u001b[31mred\\u0007"');
  mkdirSync(at("odd\nname"), { recursive: true });
  renameSync(at("support.ts"), at("odd\nname/support.ts"));
  writeFileSync(
    at("odd\nname/support.ts"),
    readFileSync(at("odd\nname/support.ts"), "utf8").replaceAll('from "./', 'from "../'),
  );
  commit("\u001b]0;pwned\u0007red");
  const { code, out, err } = await millwright(folder, "log", "support");
  expect(code).toBe(0);
  for (const text of [out, err]) {
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u0007");
  }
  expect(out).toMatch(/moved from factories\/support\.ts to factories\/odd\S*name\/support\.ts/);
});

test("the JSON says all of it, for machines", async () => {
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  const { json } = await millwright(folder, "log", "factory/support", "--json");
  expect(json()).toMatchObject({
    name: "support",
    kind: "factory",
    steps: [
      {
        kind: "changed",
        commit: { author: "Ada", subject: "more at once" },
        changes: [{ path: "deployments.triage.parallel", before: 4, after: 8 }],
      },
      { kind: "added", file: "factories/support.ts" },
    ],
    end: "first",
  });
});

test("a thousand commits that have nothing to do with it change nothing of what is told", async () => {
  edit("support.ts", "parallel: 4", "parallel: 8");
  commit("more at once");
  const marks = Array.from(
    { length: 1000 },
    (_, index) =>
      `commit refs/heads/main\ncommitter Ada <a@a> ${1_800_000_000 + index} +0000\ndata 4\nnote\n${index === 0 ? "from refs/heads/main^0\n" : ""}M 644 inline factories/notes-${index % 7}.yaml\ndata 9\n# ${String(index).padStart(6, "0")}\n\n`,
  ).join("");
  execFileSync("git", ["-C", folder, "fast-import", "--quiet", "--force"], { input: marks });
  git("reset", "-q", "--hard", "main");
  const { out, code } = await millwright(folder, "log", "support", "--at", "main");
  expect(code).toBe(0);
  expect(out).toContain("parallel: 4 → 8");
  expect(out).toContain("added in factories/support.ts");
});
