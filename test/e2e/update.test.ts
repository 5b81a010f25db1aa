/** An agent that updates itself by its plan while its model serves, and one that goes back when it must. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  globSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AgentStatus } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Entry, slotOf } from "../../agent/packaging/packaging.ts";
import { run } from "../../compiler/cli/cli.ts";
import { childrenIn } from "../../compiler/cli/demo/children.ts";
import { until } from "../../compiler/cli/demo/hub-view.ts";
import { commit, edit } from "../../compiler/cli/demo/repository.ts";
import { Story } from "../../compiler/cli/demo/story.ts";
import { checkout } from "./fleet-kit.ts";

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "mw-e2e-update-"));
const state = join(folder, "hosts/fra-1");
const log = join(folder, "agent.log");
const launcher = join(checkout, "agent/update/launcher-main.ts");
const terminal = {
  ...{ out: () => undefined, err: () => undefined, interactive: false },
  ...{ env: process.env, cwd: folder, signal: never, now: () => Date.now() },
};

let story: Story;
let children: Awaited<ReturnType<typeof childrenIn>>;
let service: ReturnType<typeof supervised> | undefined;

/** What systemd does: starts it again whenever it ends. */
function supervised() {
  const out = openSync(log, "a");
  const pids: (number | undefined)[] = [];
  let stopping = false;
  let ended = Promise.resolve();
  let child = start();
  function start() {
    const started = spawn(
      process.execPath,
      [launcher, "run", "--state", state, "--local", "127.0.0.1:0", "--stop-models"],
      { stdio: ["ignore", out, out] },
    );
    pids.push(started.pid);
    ended = once(started, "exit").then(() => {
      if (!stopping) child = start();
    });
    return started;
  }
  return {
    pids,
    async stop() {
      stopping = true;
      child.kill("SIGTERM");
      await ended;
    },
  };
}

beforeAll(async () => {
  // Slots here are without the packages that an agent needs: they are found further up.
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  children = await childrenIn(folder);
  story = new Story({
    ...{ folder, checkout, children, terminal, millwright: run, usualPorts: false },
  });
  await story.makeRepository();
  await story.makeTrust();
  await story.enrol();
  await story.release();
  await story.startHub();
  service = supervised();
}, 60_000);

afterAll(async () => {
  await service?.stop();
  await children[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** This checkout's agent under another version, with one file changed. Gives the archive as a source. */
function archive(version: string, change: Readonly<Record<string, [string, string]>> = {}): string {
  const file = (path: string, text: string, mode = 0o644): Entry => ({
    ...{ kind: "file", path, mode },
    bytes: Buffer.from(text),
  });
  const agent = globSync("agent/**/*.{ts,js,json,sh}", { cwd: checkout }).map((path) => {
    const text = readFileSync(join(checkout, path), "utf8");
    const [from, to] = change[path] ?? ["", ""];
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    const changed = path === "agent/package.json" ? text.replace('"0.1.0"', `"${version}"`) : text;
    return file(path, changed.replace(from, to));
  });
  const node = file("bin/node", `#!/bin/sh\nexec ${process.execPath} "$@"\n`, 0o755);
  const bytes = slotOf(
    { schema: "agent-slot/1", version, processor: process.arch as "x64" },
    [node, file("package.json", '{ "type": "module" }\n'), ...agent],
    { seconds: 0, level: 1 },
  );
  const path = join(folder, `millwright-agent-${version}.tar.zst`);
  writeFileSync(path, bytes);
  return pathToFileURL(path).href;
}

async function millwright(...argv: readonly string[]): Promise<void> {
  let err = "";
  const code = await run(argv, {
    ...{ ...terminal, cwd: story.repository },
    err: (text) => {
      err += text;
    },
  });
  if (code !== 0) throw new Error(`millwright ${argv.join(" ")}: ${err}`);
}

/** Releases that the host fra-1 is to run this agent; the others stay as they are. */
async function releaseAgent(version: string, source: string): Promise<void> {
  const agent = `agent: { version: "${version}", packages: { ${process.arch}: "${source}" } },`;
  const path = "hosts/frankfurt.ts";
  await edit(
    story.repository,
    path,
    /(?:agent: .*\n\s*)?name: "fra-1",/,
    `${agent}\n  name: "fra-1",`,
  );
  await millwright("lock");
  await commit(story.repository, `fra-1: agent ${version}`);
  await millwright("release", "--keys", story.keys);
}

async function status(): Promise<AgentStatus | undefined> {
  try {
    const { local } = JSON.parse(readFileSync(join(state, "running.json"), "utf8"));
    return (await (await fetch(`http://${local}/status`)).json()) as AgentStatus;
  } catch {
    return undefined;
  }
}

const serving = (what: string, isSo: (status: AgentStatus) => boolean) =>
  until(what, 40_000, never, async () => {
    const said = await status();
    return said !== undefined && said.running !== null && isSo(said) ? said : undefined;
  }).catch((cause: unknown) => {
    throw new Error(`the agent said:\n${readFileSync(log, "utf8").slice(-4_000)}`, { cause });
  });

const runners = () =>
  globSync("runners/*/pid", { cwd: state }).map((path) => readFileSync(join(state, path), "utf8"));

async function ask(): Promise<number> {
  const { status } = await fetch(`${story.gatewayOf("fra-1")}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: "summarise-mail", max_tokens: 2, messages: [{ role: "user", content: "Hi" }] },
    }),
  });
  return status;
}

// One host's life, in order.
test("an agent that its plan names takes over in the same process, and the model that served goes on", async () => {
  const first = await serving("0.1.0 serves", ({ agent }) => agent === "0.1.0");
  expect(first).toMatchObject({ slot: "package", conditions: [] });
  const [pid, running] = [[...(service?.pids ?? [])], runners()];
  expect(running).toHaveLength(1);
  await releaseAgent("0.2.0", archive("0.2.0"));
  const second = await serving("0.2.0 serves", ({ agent }) => agent === "0.2.0");
  expect(second).toMatchObject({ slot: "a", attempted: { revision: 2, result: "running" } });
  expect(runners()).toEqual(running);
  expect(service?.pids).toEqual(pid);
  expect(await ask()).toBe(200);
  const pointer = await until("it is confirmed", 20_000, never, async () => {
    const read = JSON.parse(readFileSync(join(state, "slots/current.json"), "utf8"));
    return read.confirmed === true ? read : undefined;
  });
  expect(pointer).toMatchObject({ current: { slot: "a", version: "0.2.0" }, starts: 0 });
}, 90_000);

test("an agent that does not come up gives way to the one before it after three starts, and why is told", async () => {
  const running = runners();
  const before = service?.pids.length ?? 0;
  const signature = "signal: AbortSignal): Promise<Ending> {";
  await releaseAgent(
    "0.3.0",
    archive("0.3.0", {
      "agent/agent.ts": [signature, `${signature}\n  throw new Error("a slip of ours");`],
    }),
  );
  const { conditions, slot, desired } = await serving(
    "0.2.0 serves again",
    (said) =>
      said.agent === "0.2.0" && said.conditions.some(({ code }) => code === "update/failed"),
  );
  expect({ slot, revision: desired?.revision }).toEqual({ slot: "a", revision: 3 });
  expect(conditions.find(({ code }) => code === "update/failed")?.message).toMatch(
    /^Agent 0\.3\.0 cannot run here: it was started 3 times and did not come up; its last words: .*a slip of ours/s,
  );
  // Two deaths of 0.3.0 were followed by a start of it, the third by one of 0.2.0.
  expect((service?.pids.length ?? 0) - before).toBe(3);
  expect(runners()).toEqual(running);
  expect(await ask()).toBe(200);
}, 90_000);
