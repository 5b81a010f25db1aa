/** What bad input and broken parts get: a named reason, and what ran goes on running. */
import { execFile } from "node:child_process";
import { readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../compiler/cli/demo/hub-view.ts";
import { commit, edit } from "../../compiler/cli/demo/repository.ts";
import { type Fleet, startFleet } from "./fleet-kit.ts";

const question = "How many orders from Paris that are open?";
const sql = "SELECT count(*) FROM orders WHERE city = 'Paris' AND status = 'open';";
const forever = new AbortController().signal;

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet();
}, 90_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

async function ask(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${fleet.gateway("zrh-1")}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "sql", messages: [{ role: "user", content: question }] }),
  });
  const body = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { message: string };
  };
  return {
    status: response.status,
    text: body.choices?.[0]?.message.content ?? body.error?.message ?? "",
  };
}

/** Releases what was edited. Gives the number of the revision. */
async function release(message: string): Promise<number> {
  await commit(fleet.story.repository, message);
  const { code, out, err } = await fleet.millwright(
    "release",
    "--keys",
    fleet.story.keys,
    "--json",
  );
  expect([code, err]).toEqual([0, ""]);
  return (JSON.parse(out) as { number: number }).number;
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  return until(what, 30_000, forever, look);
}

test("a definition that does not compile is told with its place, and nothing is released", async () => {
  await edit(fleet.story.repository, "reporting.yaml", "context: 512", "context: many");
  await commit(fleet.story.repository, "a slip of the pen");
  const { code, err } = await fleet.millwright("release", "--keys", fleet.story.keys);
  expect(code).toBe(1);
  expect(err).toContain("error[check/invalid-value]: context must be a whole number");
  expect(err).toContain("factories/reporting.yaml:");
  expect(err).toContain("~~~~");
  await edit(fleet.story.repository, "reporting.yaml", "context: many", "context: 512");
  await commit(fleet.story.repository, "mended");
});

test("a killed model process is started again, and others go on meanwhile", async () => {
  const runners = join(fleet.stateOf("zrh-1"), "runners");
  const pids = async () => {
    const { stdout } = await promisify(execFile)("pgrep", ["-f", "runner/process/main"]);
    const all = stdout.trim().split("\n").map(Number);
    const cwds = await Promise.all(all.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return all.filter((_, index) => cwds[index]?.startsWith(runners));
  };
  const [pid] = await pids();
  if (pid === undefined) throw new Error("no runner of zrh-1 is there to be killed");
  process.kill(pid, "SIGKILL");
  await waitFor("the condition is raised or over", async () => {
    const { deployments } = await fleet.status("zrh-1");
    return deployments["sql"]?.state === "restarting" ? true : undefined;
  });
  expect((await ask()).status).toBe(503);
  await waitFor("the model answers again", async () => {
    const { status, text } = await ask();
    return status === 200 && text === sql ? true : undefined;
  });
  expect((await pids())[0]).not.toBe(pid);
});

test("a model whose smoke prompt is answered wrongly is refused with the answer, and the old plan goes on", async () => {
  await edit(fleet.story.repository, "reporting.yaml", "contains: SELECT", "contains: DELETE");
  await edit(fleet.story.repository, "reporting.yaml", "context: 512", "context: 640");
  const revision = await release("a gate that cannot be passed");
  const status = await waitFor("the plan has failed", async () => {
    const found = await fleet.status("zrh-1");
    return found.attempted?.revision === revision && found.attempted.result === "failed"
      ? found
      : undefined;
  });
  expect(status.attempted?.reason).toContain("does not contain “DELETE count(*) FROM orders”");
  expect(status.running?.revision).toBe(1);
  expect(status.conditions.map(({ code }) => code)).toContain("reconcile/plan-failed");
  expect(await ask()).toEqual({ status: 200, text: sql });
  await edit(fleet.story.repository, "reporting.yaml", "contains: DELETE", "contains: SELECT");
  await edit(fleet.story.repository, "reporting.yaml", "context: 640", "context: 512");
  const mended = await release("mended");
  await waitFor("the mended plan runs", async () =>
    (await fleet.status("zrh-1")).running?.revision === mended ? true : undefined,
  );
});

test("a model that the engine cannot load is refused in the engine's own words, and the old one goes on", async () => {
  const path = join(fleet.story.repository, "factories", "models", "sql-writer.gguf");
  const whole = await readFile(path);
  // A sound file to look at, in which the engine will miss a tensor.
  const name = "blk.0.ffn_gate.weight";
  const broken = Buffer.from(
    whole.toString("latin1").replace(name, name.replace("gate", "gaze")),
    "latin1",
  );
  await writeFile(path, broken);
  expect((await fleet.millwright("lock")).code).toBe(0);
  const revision = await release("a model without a gate");
  const status = await waitFor("the plan has failed", async () => {
    const found = await fleet.status("zrh-1");
    return found.attempted?.revision === revision && found.attempted.result === "failed"
      ? found
      : undefined;
  });
  expect(status.attempted?.reason).toContain("tensor 'blk.0.ffn_gate.weight' not found");
  expect(await ask()).toEqual({ status: 200, text: sql });
  await writeFile(path, whole);
  expect((await fleet.millwright("lock")).code).toBe(0);
  const mended = await release("the whole model again");
  await waitFor("the mended plan runs", async () =>
    (await fleet.status("zrh-1")).running?.revision === mended ? true : undefined,
  );
});

test("bytes that do not match their digest are refused, and the hub shows why", async () => {
  await edit(
    fleet.story.repository,
    "support.ts",
    '// adapter: "mail-triage-care",',
    'adapter: "mail-triage-care",',
  );
  const lock = await readFile(
    join(fleet.story.repository, "factories", "models.lock.yaml"),
    "utf8",
  );
  const right = /digest: (sha256:10476[0-9a-f]+)/.exec(lock)?.[1] ?? "";
  const wrong = `sha256:${"0".repeat(64)}`;
  await edit(fleet.story.repository, "models.lock.yaml", right, wrong);
  const revision = await release("a lock that lies");
  const host = await waitFor("fra-1 says that it has no such bytes", async () => {
    const found = await fleet.status("fra-1");
    return found.desired?.revision === revision &&
      found.conditions.some(({ code }) => code === "reconcile/fetch-failed")
      ? found
      : undefined;
  });
  expect(host.running?.revision).not.toBe(revision);
  await waitFor("the hub shows it", async () => {
    const shown = await fetch(`${fleet.story.hubUrl}/v1/hosts/fra-1`).then((answer) =>
      answer.text(),
    );
    return shown.includes("reconcile/fetch-failed") ? true : undefined;
  });
  await edit(fleet.story.repository, "models.lock.yaml", wrong, right);
  const mended = await release("the right digest");
  await waitFor("the mended plan runs", async () =>
    (await fleet.status("fra-1")).running?.revision === mended ? true : undefined,
  );
});

test("without a hub hosts serve and spool; when it is back, what was said arrives", async () => {
  const { hub } = fleet;
  await hub.stop();
  await waitFor("the host says that the hub is away", async () =>
    (await fleet.status("zrh-1")).conditions.some(({ code }) => code === "link/hub-unreachable")
      ? true
      : undefined,
  );
  const response = await fetch(`${fleet.gateway("zrh-1")}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "sql", messages: [{ role: "user", content: question }] }),
  });
  const { id } = (await response.json()) as { id: string };
  const taken = await fetch(`${fleet.gateway("zrh-1")}/v1/feedback`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, kind: "comment", text: "Said while the hub was away." }),
  });
  expect(taken.status).toBe(202);
  const sample = (await taken.json()) as { id: string };
  await hub.start();
  await waitFor("the hub shows the comment", async () => {
    const shown = await fetch(`${fleet.story.hubUrl}/v1/feedback?limit=200`).then((answer) =>
      answer.text(),
    );
    return shown.includes(sample.id) ? true : undefined;
  });
});
