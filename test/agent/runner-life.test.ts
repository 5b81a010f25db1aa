/** How the processes that hold models begin, are taken over, and end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { RunnerSpec } from "../../agent/runner/runner.ts";
import {
  answer,
  artifact,
  codeOf,
  collect,
  complete,
  type Host,
  host,
  line,
  mail,
  never,
  runner,
  specOf,
  triage,
} from "./runner-kit.ts";

/** Half a second of reading for the tiny model on one core. */
const long = { kind: "text", text: "my parcel has not arrived. ".repeat(360) } as const;
const large = { context: 4096, parallel: 1 } as const;

/** The dead whom nobody has buried do not count: their parent was the agent that was killed. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** The process ids in the folders of this host's runners. */
function pidsIn({ state }: Host): readonly number[] {
  return readdirSync(state.runners)
    .map((name) => join(state.runners, name, "pid"))
    .filter((path) => existsSync(path))
    .map((path) => Number(readFileSync(path, "utf8")))
    .filter((pid) => pid > 0);
}

async function until(isSo: () => boolean, ms = 10_000): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    if (waited > ms) throw new Error("it did not come to pass");
    await delay(20);
  }
}

const agentMain = fileURLToPath(new URL("runner-agent.ts", import.meta.url));

/** Starts a runner in another process, as an agent does that is then killed. Returns the runner's process id. */
async function startedByAnother(
  { state }: Host,
  spec: RunnerSpec,
  aloneMs?: number,
): Promise<number> {
  const agent = spawn(
    process.execPath,
    [
      agentMain,
      state.root,
      JSON.stringify(spec),
      ...(aloneMs === undefined ? [] : [String(aloneMs)]),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [said] = (await once(agent.stdout, "data")) as [Buffer];
  agent.kill("SIGKILL");
  await once(agent, "exit");
  return Number(said.toString());
}

test("a runner outlives its agent, and the next agent takes it over", async () => {
  const here = await host();
  const pid = await startedByAnother(here, specOf());
  const [adopted, ...others] = await here.adopt(never);
  expect(others).toEqual([]);
  expect(adopted).toMatchObject({ pid, spec: specOf() });
  if (adopted === undefined) return;
  expect((await answer(adopted.engine, mail)).text).toBe(line);
  await adopted.stop(never);
  expect(isAlive(pid)).toBe(false);
  expect(await readdir(here.state.runners)).toEqual([]);
  expect((await adopted.gone).reason).toBe("it was stopped");
});

test("a runner that hears from no agent ends itself", async () => {
  const here = await host();
  const pid = await startedByAnother(here, specOf(), 200);
  await until(() => !isAlive(pid));
  expect(await here.adopt(never)).toEqual([]);
  expect(await readdir(here.state.runners)).toEqual([]);
});

test.each([
  ["is waited for by the next agent that wants it", true],
  ["is ended by the next agent, which does not want it", false],
])("a runner that was still loading when its agent was killed %s", async (_, isWanted) => {
  const here = await host();
  const args = [agentMain, here.state.root, JSON.stringify(specOf())];
  const agent = spawn(process.execPath, args, { stdio: "ignore" });
  await until(() => pidsIn(here).length === 1);
  const [pid = 0] = pidsIn(here);
  process.kill(pid, "SIGSTOP");
  agent.kill("SIGKILL");
  await once(agent, "exit");
  expect(await here.adopt(never, () => isWanted)).toEqual([]);
  expect(isAlive(pid)).toBe(isWanted);
  const [folder = ""] = readdirSync(here.state.runners);
  if (isWanted) await writeFile(join(here.state.runners, folder, "progress"), "37");
  const told = new Set<number>();
  const starting = here.start(specOf(), never, (percent) => told.add(percent));
  if (isWanted) {
    await until(() => told.has(37));
    process.kill(pid, "SIGCONT");
  }
  const handle = await starting;
  expect(handle.pid === pid).toBe(isWanted);
  expect((await answer(handle.engine, mail)).text).toBe(line);
  await handle.stop(never);
  expect(isAlive(handle.pid)).toBe(false);
});

test("a runner whose specification is another now is ended, not taken over", async () => {
  const here = await host();
  const pid = await startedByAnother(here, specOf());
  const [name = ""] = await readdir(here.state.runners);
  const changed = JSON.stringify(specOf({ replica: 1 }));
  await writeFile(join(here.state.runners, name, "spec.json"), changed);
  expect(await here.adopt(never)).toEqual([]);
  expect(isAlive(pid)).toBe(false);
});

test("what is no runner is cleared away, and no stranger is hurt by it", async () => {
  const { state, adopt } = await host();
  const put = async (name: string, files: Readonly<Record<string, string>>) => {
    await mkdir(join(state.runners, name));
    for (const [file, text] of Object.entries(files))
      await writeFile(join(state.runners, name, file), text);
  };
  const stranger = spawn("sleep", ["30"]);
  onTestFinished(() => {
    stranger.kill();
  });
  await put("empty", {});
  await put("rubbish", { "spec.json": "{", s: "no socket" });
  await put("dead", { "spec.json": JSON.stringify(specOf()), pid: String(stranger.pid) });
  await put("odd", { "spec.json": JSON.stringify(specOf()), pid: "-1" });
  await writeFile(join(state.runners, "file"), "");
  await symlink("/nowhere", join(state.runners, "link"));
  expect(await adopt(never)).toEqual([]);
  expect(await readdir(state.runners)).toEqual([]);
  expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
});

test("a state folder may be deeper than the path of a socket", async () => {
  const here = await host(6);
  const { engine } = await here.start(specOf(), never);
  expect((await answer(engine, mail)).text).toBe(line);
});

test("a killed process fails its requests at once and says how it ended", async () => {
  const { engine, pid, gone } = await runner(large);
  const asked = [collect(engine, { prompt: long }), answer(engine, mail)];
  const codes = Promise.all(asked.map(codeOf));
  await delay(50);
  process.kill(pid, "SIGKILL");
  const killed = performance.now();
  expect(await codes).toEqual(["engine-lost", "engine-lost"]);
  expect(performance.now() - killed).toBeLessThan(1_000);
  expect((await gone).reason).toContain("killed by SIGKILL");
  expect(await codeOf(answer(engine, mail))).toBe("engine-lost");
});

test("a killed process can be started again in its place", async () => {
  const here = await host();
  const first = await here.start(specOf(), never);
  process.kill(first.pid, "SIGKILL");
  await first.gone;
  const second = await here.start(specOf(), never);
  expect(second.pid).not.toBe(first.pid);
  expect((await answer(second.engine, mail)).text).toBe(line);
});

test("a process that is asked to stop ends cleanly, also in the middle of its work", async () => {
  const here = await host();
  const { engine, pid, gone } = await here.start(specOf(large), never);
  const code = codeOf(collect(engine, { prompt: long }));
  await delay(100);
  process.kill(pid, "SIGTERM");
  expect(await code).toBe("engine-lost");
  expect((await gone).reason).toMatch(/^exit code 0/);
});

test("a process that does not listen is killed when patience ends", async () => {
  const here = await host();
  const { pid, stop } = await here.start(specOf(), never);
  process.kill(pid, "SIGSTOP");
  await stop(AbortSignal.timeout(100));
  expect(isAlive(pid)).toBe(false);
});

test("a cancelled request stops being read, and its sequence is free at once", async () => {
  const { engine } = await runner(large);
  const cancel = new AbortController();
  const code = codeOf(collect(engine, { prompt: long }, cancel.signal));
  await delay(50);
  cancel.abort();
  expect(await code).toBe("cancelled");
  const asked = performance.now();
  expect((await answer(engine, mail)).text).toBe(line);
  const afterCancel = performance.now() - asked;
  // The whole prompt, for comparison: what a cancel that does nothing would have waited for.
  const again = performance.now();
  await collect(engine, { prompt: long, maxTokens: 1 });
  expect(afterCancel).toBeLessThan((performance.now() - again) / 2);
});

test("an answer that nobody reads on is cancelled", async () => {
  const { engine } = await runner({ context: 4096, parallel: 1 });
  const wild = { temperature: 2, topK: 0, topP: 1, seed: 5 };
  for await (const event of engine.generate({ ...wild, prompt: { ...long } }, never)) {
    expect(event.kind).toBe("text");
    break;
  }
  expect((await answer(engine, mail)).text).toBe(line);
});

test("a request that waits for a sequence can be cancelled, and the others keep their turn", async () => {
  const { engine } = await runner(large);
  const cancel = new AbortController();
  const first = collect(engine, { prompt: long, maxTokens: 1 });
  const second = codeOf(collect(engine, { prompt: long }, cancel.signal));
  const third = answer(engine, mail);
  await delay(50);
  cancel.abort();
  expect(await second).toBe("cancelled");
  expect((await first).usage.outputTokens).toBe(1);
  expect((await third).text).toBe(line);
  expect(await codeOf(collect(engine, { prompt: long }, AbortSignal.abort()))).toBe("cancelled");
});

test("a prompt that begins like the last one is read from where they differ", async () => {
  const { engine } = await runner(large);
  const timed = async (text: string) => {
    const begun = performance.now();
    await complete(engine, text, { maxTokens: 1 });
    return performance.now() - begun;
  };
  const cold = await timed(long.text);
  expect(await timed(`${long.text} Ana`)).toBeLessThan(cold / 3);
});

test("a load that is called off leaves no process and no folder", async () => {
  const here = await host();
  const off = new AbortController();
  const started = here.start(specOf(), off.signal);
  await until(() => pidsIn(here).length > 0);
  const [pid = 0] = pidsIn(here);
  off.abort();
  await expect(started).rejects.toThrow();
  expect(isAlive(pid)).toBe(false);
  expect(await readdir(here.state.runners)).toEqual([]);
});

test("nothing of the agent's environment reaches a runner but what it needs", async () => {
  process.env["MILLWRIGHT_TEST_SECRET"] = "hunter2";
  onTestFinished(() => {
    delete process.env["MILLWRIGHT_TEST_SECRET"];
  });
  const { pid } = await runner({ parallel: 8 });
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
  expect(environment).not.toContain("hunter2");
  const lines = environment.split("\0");
  expect(lines).toContain("CUDA_VISIBLE_DEVICES=");
  expect(lines).toContain("CUDA_DEVICE_ORDER=PCI_BUS_ID");
  expect(lines).toContain("UV_THREADPOOL_SIZE=10");
});

test("a GPU in the plan and none in the host is a failed load, not a slow model", async () => {
  const here = await host();
  const started = here.start(specOf({ model: artifact(triage), gpus: [0] }), never);
  await expect(started).rejects.toMatchObject({ code: "runner/load-failed" });
  await expect(started).rejects.toThrow(/millwright-agent engine cuda/);
});
