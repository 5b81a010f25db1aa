/** What is asked of a host that does not run it is answered by a neighbour, and by nobody else. */
import { connect, createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { publicKeyOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { tlsOf } from "../../agent/relay/relay.ts";
import { EngineError } from "../../agent/runner/runner.ts";
import { echoEngine, eventually } from "./gateway-kit.ts";
import { neighbourOf, newHost, planOf, startHost, type Who } from "./relay-kit.ts";

const chat = { model: "triage", messages: [{ role: "user" as const, content: "one two three" }] };

/** The plan of a host that runs nothing, and passes `triage` on to these, and its own. */
function doorPlan(door: Who, answerers: readonly Who[]) {
  return planOf(door, {
    deployments: {},
    routes: { "summarise-mail": { factory: "support", to: ["triage"] } },
    neighbours: answerers.map((who) => neighbourOf(who, { answers: ["triage"] })),
    elsewhere: { triage: { factory: "support", hosts: answerers.map(({ host }) => host) } },
  });
}

const answererPlan = (who: Who, askers: readonly Who[], asks = ["triage"]) =>
  planOf(who, { neighbours: askers.map((each) => neighbourOf(each, { asks })) });

/** One host that callers reach, and one that has the model. */
async function pair(engine = echoEngine()) {
  const [door, mill] = [await newHost("door"), await newHost("mill")];
  const answerer = await startHost(mill, answererPlan(mill, [door]), [engine]);
  const asker = await startHost(door, doorPlan(door, [mill]), []);
  return { door, mill, answerer, asker, engine };
}

test("a host answers what its neighbour runs: whole, streamed, by route, and as vectors", async () => {
  const { asker, answerer, engine } = await pair();
  const whole = await asker.client.chat.completions.create(chat);
  expect(whole.choices[0]?.message.content).toBe("one two three");
  expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 3 });
  expect(whole).toMatchObject({
    x_millwright: { deployment: "triage", model: "mail-triage", adapter: "care", host: "mill" },
  });
  const stream = await asker.client.chat.completions.create({
    ...chat,
    model: "summarise-mail",
    stream: true,
  });
  let text = "";
  for await (const piece of stream) text += piece.choices[0]?.delta.content ?? "";
  expect(text).toBe("one two three");
  const vectors = await asker.client.embeddings.create({ model: "triage", input: ["a", "bc"] });
  expect(vectors.data.map(({ embedding }) => embedding[0])).toEqual([1, 2]);
  expect(engine.asked).toHaveLength(2);
  // Who asked keeps the corrections and counts the tokens; who answered has let go of everything.
  expect(asker.interactions.map(({ origin }) => origin.deployment)).toEqual(["triage", "triage"]);
  expect(answerer.interactions).toEqual([]);
  await eventually("all is given back", () => answerer.serving.out() === 0);
  const { data } = await asker.client.models.list();
  expect(data.map(({ id }) => id)).toContain("triage");
});

test("a client that leaves stops the neighbour's engine", async () => {
  const { asker, answerer, engine } = await pair(echoEngine({ pauseMs: 30 }));
  const gone = new AbortController();
  const long = { ...chat, messages: [{ role: "user" as const, content: "w ".repeat(500) }] };
  const asked = asker.client.chat.completions.create(long, { signal: gone.signal });
  await eventually("it is at work", () => engine.asked.length === 1);
  gone.abort();
  await expect(asked).rejects.toThrow();
  await eventually("the engine stops", () => engine.cancelled() === 1);
  await eventually("all is given back", () => answerer.serving.out() === 0);
});

test("a neighbour that is dead, or only listens, is skipped within a second, and not asked again at once", async () => {
  const [door, dead, deaf, mill] = (await Promise.all(
    ["door", "dead", "deaf", "mill"].map((name) => newHost(name)),
  )) as [Who, Who, Who, Who];
  // It accepts, and says nothing: a machine that hangs.
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) =>
    silent.listen(Number(deaf.address.split(":")[1]), "127.0.0.1", resolve),
  );
  onTestFinished(() => void silent.close());
  await startHost(mill, answererPlan(mill, [door]), [echoEngine()]);
  const asker = await startHost(door, doorPlan(door, [dead, deaf, mill]), []);
  const began = performance.now();
  await asker.client.chat.completions.create(chat);
  const first = performance.now() - began;
  const again = performance.now();
  await asker.client.chat.completions.create(chat);
  const second = performance.now() - again;
  // The one that only listens costs its 0.8 s once. A ratio, not a time: machines are shared.
  expect(first).toBeGreaterThan(700);
  expect(second).toBeLessThan(first / 2);
  expect(
    asker.conditions
      .list()
      .map(({ code, subject }) => `${code} ${subject}`)
      .sort(),
  ).toEqual(["relay/neighbour-down dead", "relay/neighbour-down deaf"]);
});

test("a neighbour that dies under a request is replaced by another one", async () => {
  const [door, first, other] = (await Promise.all(
    ["door", "first", "other"].map((name) => newHost(name)),
  )) as [Who, Who, Who];
  const engine = echoEngine({ pauseMs: 50 });
  const dying = await startHost(first, answererPlan(first, [door]), [engine]);
  await startHost(other, answererPlan(other, [door]), [echoEngine()]);
  const asker = await startHost(door, doorPlan(door, [first, other]), []);
  const long = { ...chat, messages: [{ role: "user" as const, content: "w ".repeat(200) }] };
  const asked = asker.client.chat.completions.create(long);
  await eventually("it is at work", () => engine.asked.length === 1);
  await dying.stop();
  expect((await asked).choices[0]?.message.content).toBe(long.messages[0]?.content);
  expect(await asked).toMatchObject({ x_millwright: { host: "other" } });
});

test("nobody gets in without a key that the plan names, and nobody asks for more than the plan allows", async () => {
  const { mill, answerer, door, asker } = await pair();
  const stranger = await newHost("stranger");
  const socket = connectTls({
    ...tlsOf(stranger.key),
    host: "127.0.0.1",
    port: Number(mill.address.split(":")[1]),
    checkServerIdentity: () => undefined,
  });
  socket.on("error", () => undefined);
  socket.write('{"kind":"take","id":1,"deployment":"triage","caller":"","priority":"high"}\n');
  const said: Buffer[] = [];
  socket.on("data", (part: Buffer) => said.push(part));
  await new Promise((resolve) => socket.once("close", resolve));
  expect(said).toEqual([]);
  expect(answerer.events.map(({ event }) => event)).toContain("relay/stranger");
  const plain = connect(Number(mill.address.split(":")[1]), "127.0.0.1");
  plain.on("error", () => undefined);
  plain.write("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => plain.once("close", resolve));
  answerer.obey(answererPlan(mill, [door], ["silent"]));
  await expect(asker.client.chat.completions.create(chat)).rejects.toMatchObject({ status: 503 });
  expect(answerer.serving.out()).toBe(0);
});

test("whoever took over a neighbour's address is told nothing", async () => {
  const [door, mill] = [await newHost("door"), await newHost("mill")];
  const thief: Who = { ...(await newHost("mill")), address: mill.address };
  const engine = echoEngine();
  await startHost(thief, answererPlan(thief, [door]), [engine]);
  const asker = await startHost(door, doorPlan(door, [mill]), []);
  await expect(asker.client.chat.completions.create(chat)).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining("does not hold the key"),
  });
  expect(engine.asked).toEqual([]);
  expect(publicKeyOf(thief.key)).not.toBe(publicKeyOf(mill.key));
});

test("a task that came from a neighbour is not passed on again, also where plans go in a circle", async () => {
  const [a, b] = [await newHost("a"), await newHost("b")];
  const circular = (self: Who, other: Who) =>
    planOf(self, {
      deployments: {},
      routes: {},
      neighbours: [neighbourOf(other, { answers: ["triage"], asks: ["triage"] })],
      elsewhere: { triage: { factory: "support", hosts: [other.host] } },
    });
  await startHost(b, circular(b, a), []);
  const asker = await startHost(a, circular(a, b), []);
  await expect(asker.client.chat.completions.create(chat)).rejects.toMatchObject({ status: 503 });
});

test("a neighbour's own words reach the caller: too long a prompt, a failing engine, rubbish on the line", async () => {
  const short = await pair(echoEngine({ context: 2 }));
  await expect(short.asker.client.chat.completions.create(chat)).rejects.toMatchObject({
    ...{ status: 400, code: "context_length_exceeded" },
  });
  const failing = await pair({
    ...echoEngine(),
    embed: () => Promise.reject(new EngineError("engine-failed", "CUDA error 700.")),
  });
  await expect(
    failing.asker.client.embeddings.create({ model: "triage", input: "a" }),
  ).rejects.toMatchObject({ status: 500, message: expect.stringContaining("CUDA error 700.") });
  const { mill, door, answerer } = await pair();
  const socket = connectTls({
    ...tlsOf(door.key),
    host: "127.0.0.1",
    port: Number(mill.address.split(":")[1]),
    checkServerIdentity: () => undefined,
  });
  socket.on("error", () => undefined).resume();
  socket.write('{"kind":"take","id":1,"deployment":"triage","caller":"","priority":"high"}\n');
  socket.write(
    `{"kind":"ask","id":2,"lease":1,"method":"generate","asked":{"prompt":7}}\nrubbish\n`,
  );
  await new Promise((resolve) => socket.once("close", resolve));
  await eventually("all is given back", () => answerer.serving.out() === 0);
});

test("tasks go where the fewest of ours are", async () => {
  const [door, one, two] = (await Promise.all(
    ["door", "one", "two"].map((name) => newHost(name)),
  )) as [Who, Who, Who];
  const engines = [echoEngine({ pauseMs: 100 }), echoEngine({ pauseMs: 100 })] as const;
  await startHost(one, answererPlan(one, [door]), [engines[0]]);
  await startHost(two, answererPlan(two, [door]), [engines[1]]);
  const asker = await startHost(door, doorPlan(door, [one, two]), []);
  const slow = { ...chat, messages: [{ role: "user" as const, content: "w ".repeat(20) }] };
  const first = asker.client.chat.completions.create(slow);
  await eventually("the nearest is at work", () => engines[0].asked.length === 1);
  await asker.client.chat.completions.create(chat);
  await first;
  expect(engines.map(({ asked }) => asked.length)).toEqual([1, 1]);
});
