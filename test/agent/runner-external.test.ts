/** External engines: programs that hold the model and speak OpenAI's API. The engine here is a second real process. */
import { readdirSync, readFileSync } from "node:fs";
import { chmod, readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import type { GenerateEvent, GenerateRequest, RunnerHandle } from "../../agent/runner/runner.ts";
import {
  allowed,
  engineProgram,
  externalHost,
  externalSpec,
  openExternalHost,
  realEngine,
  rogueSpec,
  workersIn,
} from "./external-kit.ts";
import { answer, codeOf, collect, complete, type Host, line, mail, never } from "./runner-kit.ts";

function folderOf({ state }: Host): string {
  const [name = ""] = readdirSync(state.runners);
  return join(state.runners, name);
}

/** An engine that answers wrongly as it is asked to. */
async function rogue(what = "well", probe = {}): Promise<RunnerHandle> {
  return (await externalHost()).start(rogueSpec(what, probe), never);
}

/** The real engine is started once. */
let real: { readonly host: Host; readonly handle: RunnerHandle };

beforeAll(async () => {
  process.env["MILLWRIGHT_TEST_SECRET"] = "hidden";
  const { host, end } = await openExternalHost();
  const env = { ...realEngine.env, CUSTOM: "{name} on {port}" };
  // Names that would have another program run in it: a plan that was not checked gets nowhere with them.
  Object.assign(env, { LD_PRELOAD: "/tmp/evil.so", HF_HUB_OFFLINE: "0" });
  const spec = externalSpec({ parallel: 1, context: 4096, engine: { ...realEngine, env } });
  real = { host, handle: await host.start(spec, never) };
  delete process.env["MILLWRIGHT_TEST_SECRET"];
  return end;
}, 60_000);

test("an engine in a process of its own answers as the embedded one does", async () => {
  const { engine } = real.handle;
  const said = await answer(engine, mail);
  expect(said).toMatchObject({ text: line, finishReason: "stop" });
  expect(said.usage.inputTokens).toBeGreaterThan(10);
  expect(said.usage.outputTokens).toBeGreaterThan(5);
  expect(await answer(engine, mail, { maxTokens: 3 })).toMatchObject({
    finishReason: "length",
    usage: { outputTokens: 3 },
  });
  expect((await answer(engine, mail, { stop: [" is late"] })).text).toBe("Ana: parcel 4821");
  // Without a limit a completion goes on until the model stops, and not for the 16 tokens of the API.
  expect((await complete(engine, "Ana: parcel")).usage.outputTokens).not.toBe(16);
  const schema = { type: "object", properties: { team: { enum: ["logistics"] } } };
  const required = { ...schema, required: ["team"], additionalProperties: false };
  const held = await answer(engine, mail, { schema: required });
  expect(JSON.parse(held.text)).toEqual({ team: "logistics" });
  const { vectors, inputTokens } = await engine.embed([mail, "parcel"], never);
  expect(vectors.map((vector) => Math.hypot(...vector))).toEqual([
    expect.closeTo(1, 5),
    expect.closeTo(1, 5),
  ]);
  expect(inputTokens).toBeGreaterThan(10);
  const tooLong = "my parcel has not arrived. ".repeat(4_000);
  expect(await codeOf(answer(engine, tooLong))).toBe("prompt-too-long");
});

test("a request that is cancelled is cancelled in the engine, which goes on answering", async () => {
  const { engine } = real.handle;
  const long = { kind: "text", text: "my parcel has not arrived. ".repeat(360) } as const;
  for (const pause of [0, 30, 120]) {
    const leave = new AbortController();
    const asked = collect(engine, { prompt: long }, leave.signal);
    await delay(pause);
    leave.abort();
    expect(await codeOf(asked)).toBe("cancelled");
  }
  // There is one place: had one of them gone on, this would wait for it.
  expect((await answer(engine, mail)).text).toBe(line);
});

test("the engine has its key, its GPUs and its place, and of the agent's environment nothing", async () => {
  const { host } = real;
  const { pid } = real.handle;
  const folder = folderOf(host);
  const workers = await workersIn(folder);
  expect(workers).toContain(pid);
  const [engineId = 0] = workers.filter((worker) => worker !== pid);
  const text = readFileSync(`/proc/${engineId}/environ`, "utf8");
  const env = Object.fromEntries(text.split("\0").map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  expect(env).toMatchObject({
    ...{ CUDA_VISIBLE_DEVICES: "", CUDA_DEVICE_ORDER: "PCI_BUS_ID" },
    ...{ HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1" },
    CUSTOM: expect.stringMatching(/^triage on \d+$/),
    HOME: join(host.state.root, "cuda-cache", "engines"),
  });
  expect(env["LD_PRELOAD"]).toBeUndefined();
  expect(env["MILLWRIGHT_TEST_SECRET"]).toBeUndefined();
  expect(env["ENGINE_KEY"]).toMatch(/^[\w-]{32}$/);
  expect(await readlink(`/proc/${engineId}/cwd`)).toBe(folder);
  // Whoever has no key is refused by the engine itself: the port alone opens nothing.
  const [, port] = /on (\d+)/.exec(env["CUSTOM"] ?? "") ?? [];
  const body = JSON.stringify({ model: "triage", messages: [{ role: "user", content: "hi" }] });
  const headers = { "content-type": "application/json" };
  const url = `http://127.0.0.1:${port}/v1/chat/completions`;
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(401);
});

test("an agent that comes again takes the engine over as it is", async () => {
  const host = await externalHost();
  const first = await host.start(rogueSpec("well"), never);
  const before = await workersIn(folderOf(host));
  const [handle] = await host.adopt(never);
  expect(handle?.digest).toBe(first.digest);
  expect((await answer((handle ?? first).engine, "slow")).text).toBe("Grüße aus Köln");
  expect(await workersIn(folderOf(host))).toEqual(before);
});

test("text comes as it is written, and an engine whose caller has left is told at once", async () => {
  const { engine, logTail } = await rogue();
  const leave = new AbortController();
  const prompt = { kind: "chat", messages: [{ role: "user", content: "waits" }] } as const;
  const asked = async () => {
    // It never ends by itself: that this comes is that it was not waited for.
    for await (const event of engine.generate({ prompt }, leave.signal)) {
      expect(event).toEqual({ kind: "text", text: "and then" });
      leave.abort();
    }
  };
  expect(await codeOf(asked())).toBe("cancelled");
  while (!(await logTail()).includes("nobody listens")) await delay(20);
});

test("calls of tools come as pieces, with what the engine says of its cache", async () => {
  const { engine } = await rogue();
  const parameters = { type: "object", properties: { id: { type: "integer" } } };
  const tool = { name: "find_parcel", parameters };
  const request: GenerateRequest = {
    prompt: { kind: "chat", messages: [{ role: "user", content: "calls" }] },
    tools: [{ type: "function", function: tool, held: parameters }],
  };
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request, never)) events.push(event);
  const calls = events.filter(({ kind }) => kind === "tool-call");
  expect(calls[0]).toMatchObject({ call: 0, name: "find_parcel", callId: "call_1" });
  expect(calls.map((each) => ("arguments" in each ? each.arguments : "")).join("")).toBe(
    '{"id":4821}',
  );
  expect(events.at(-1)).toMatchObject({
    finishReason: "stop",
    usage: { inputTokens: 9, cachedTokens: 4, outputTokens: 7 },
  });
});

test("an engine that is killed ends its runner, a runner that is killed its engine, and both start anew", async () => {
  const host = await externalHost();
  const spec = rogueSpec("well");
  const first = await host.start(spec, never);
  const folder = folderOf(host);
  for (const pid of await workersIn(folder)) if (pid !== first.pid) process.kill(pid, "SIGKILL");
  expect((await first.gone).reason).toContain("The engine ended (SIGKILL)");
  const second = await host.start(spec, never);
  expect((await answer(second.engine, "slow")).text).toBe("Grüße aus Köln");
  process.kill(second.pid, "SIGKILL");
  await second.gone;
  expect(await workersIn(folder)).toEqual([]);
  const third = await host.start(spec, never);
  expect((await answer(third.engine, "slow")).text).toBe("Grüße aus Köln");
});

test("an engine that takes no hint is killed with all that it started", async () => {
  const host = await externalHost();
  const handle = await host.start(rogueSpec("stubborn"), never);
  const folder = folderOf(host);
  expect((await workersIn(folder)).length).toBe(2);
  await handle.stop(never);
  expect(await workersIn(folder)).toEqual([]);
  expect(await readdir(host.state.runners)).toEqual([]);
});

test("a program that the host's operator does not list is not started, and the line to add is told", async () => {
  const host = await externalHost(`# nothing yet\n${process.execPath}  other.ts\n`);
  const start = () => host.start(rogueSpec("well"), never);
  expect(await codeOf(start())).toBe("runner/engine-not-allowed");
  await expect(start()).rejects.toThrow(`${host.list} does not list`);
  await expect(start()).rejects.toThrow("let root add the line: /…/node");
  expect(await readdir(host.state.runners)).toEqual([]);
  // A list that others may write is none.
  await writeFile(host.list, allowed);
  await chmod(host.list, 0o666);
  await expect(start()).rejects.toThrow("can be written by others");
  await chmod(host.list, 0o644);
  await start();
});

test("a listed interpreter runs what its line says, and nothing else", async () => {
  const host = await externalHost(`${process.execPath} ${engineProgram}\n`);
  expect(await codeOf(host.start(rogueSpec("well"), never))).toBe("runner/engine-not-allowed");
  const evil = { ...realEngine, command: [process.execPath, "-e", "0", engineProgram] };
  const asked = host.start(externalSpec({ engine: evil }), never);
  expect(await codeOf(asked)).toBe("runner/engine-not-allowed");
});

test("an engine that does not come up is ended, with its own last words", async () => {
  const host = await externalHost();
  const refused = host.start(rogueSpec("refuses-to-start"), never);
  await expect(refused).rejects.toThrow("unknown argument --flash-attn");
  for (const what of ["never-ready", "never-listens"]) {
    const late = host.start(rogueSpec(what, { withinMs: 1_000 }), never);
    expect(await codeOf(late)).toBe("runner/load-timeout");
  }
  expect(await readdir(host.state.runners)).toEqual([]);
});

test("an engine that stops answering its probe is ended, and why is told", async () => {
  const { gone } = await rogue("hangs", { everyMs: 200 });
  expect((await gone).reason).toContain("did not answer /health 3 times in a row");
});

test("an engine that dies in the middle of an answer loses that answer, and its last words are told", async () => {
  const { engine, gone } = await rogue();
  expect(await codeOf(answer(engine, "dies"))).toMatch(/^engine-(failed|lost)$/);
  expect((await gone).reason).toContain("the GPU has fallen off the bus");
});

test("what an engine refuses is told in its own words", async () => {
  const { engine } = await rogue();
  const of = (what: string) =>
    answer(engine, what).catch(({ code, message }) => ({ code, message }));
  expect(await of("too-long")).toMatchObject({ code: "prompt-too-long" });
  expect(await of("too-long-vllm")).toMatchObject({
    code: "prompt-too-long",
    message: expect.stringContaining("maximum context length is 1024"),
  });
  expect(await of("out-of-memory")).toEqual({
    code: "engine-failed",
    message: "CUDA out of memory, 2 GiB wanted",
  });
  expect(await of("error-in-stream")).toEqual({
    code: "engine-failed",
    message: "the cache is full",
  });
});

test("what is no answer is an error and not half of one, and the runner goes on", async () => {
  const { engine, logTail } = await rogue();
  for (const [what, words] of [
    ["redirects", "status 307"],
    ["no-stream", "asked for a stream"],
    ["rubbish", "no JSON"],
    ["other-json", "no part of an answer"],
    ["half", "broke off"],
    ["endless-line", "more than 1048576 characters"],
  ] as const) {
    const asked = answer(engine, what);
    await expect(asked, what).rejects.toThrow(words);
    expect(await codeOf(asked)).toBe("engine-failed");
  }
  // Pieces of a stream may be cut anywhere.
  const whole = { text: "Grüße aus Köln", finishReason: "stop" };
  expect(await answer(engine, "slow")).toMatchObject(whole);
  // The key is in the engine's output, and not in its log.
  expect((await logTail()).join("\n")).toContain("my key is …");
});
