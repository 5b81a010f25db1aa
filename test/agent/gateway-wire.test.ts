/** What comes over the wire and is no request as it should be: it gets its error, and leaves nothing behind. */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import { echoEngine, eventually, startGateway, type TestGateway } from "./gateway-kit.ts";

const chat = (change: object = {}) =>
  JSON.stringify({
    ...{ model: "triage", messages: [{ role: "user", content: "two small words" }] },
    ...change,
  });

function head(lines: readonly string[], version = "1.1"): string {
  const all = ["content-type: application/json", ...lines];
  return `POST /v1/chat/completions HTTP/${version}\r\n${all.map((line) => `${line}\r\n`).join("")}\r\n`;
}

function whole(body: string, ...lines: readonly string[]): string {
  return head(["host: a", `content-length: ${Buffer.byteLength(body)}`, ...lines]) + body;
}

function dial({ url }: TestGateway): Socket {
  const socket = connect({
    port: Number(new URL(url).port),
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  onTestFinished(() => void socket.destroy());
  // Those that it hangs up on learn it from their end.
  socket.on("error", () => undefined);
  return socket;
}

/** All that it says until it hangs up. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (part) => {
    text += String(part);
  });
  await new Promise((resolve) => socket.once("close", resolve).once("end", resolve));
  return text;
}

function codeIn(answer: string): string | undefined {
  return /"code":"(\w+)"/.exec(answer)?.[1];
}

/** Whatever was begun is over, and the next one is served. */
async function nothingLeft({ gateway, serving, post }: TestGateway): Promise<void> {
  await eventually("all are over", () => gateway.counts().active === 0);
  await eventually("all holds are given back", () => serving.out() === 0);
  expect((await post("/v1/chat/completions", chat())).status).toBe(200);
  expect([gateway.counts().active, serving.out()]).toEqual([0, 0]);
}

const twice = (body: string) =>
  head(["host: a", `content-length: ${body.length}`, "content-length: 1"]) + body;
const chunked = (body: string, ...lines: readonly string[]) =>
  head(["host: a", "transfer-encoding: chunked", ...lines]) + body;

test.each([
  ["two lengths", twice(chat()), 400, "bad_request"],
  ["a length and chunks", chunked("0\r\n\r\n", "content-length: 5"), 400, "bad_request"],
  ["chunks without a number", chunked("zz\r\n{}\r\n0\r\n\r\n"), 400, "bad_request"],
  ["a chunk that is longer than it says", chunked("1\r\n{}\r\n0\r\n\r\n"), 400, "bad_request"],
  ["a coding that nobody knows", head(["host: a", "transfer-encoding: gzip"]), 400, "bad_request"],
  ["a folded head", head(["host: a", "x: a\r\n b"]), 400, "bad_request"],
  ["a space before a colon", head(["host: a", "x : a"]), 400, "bad_request"],
  ["another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad_request"],
  ["a method of its own", "SING / HTTP/1.1\r\nhost: a\r\n\r\n", 400, "bad_request"],
  [
    "no host",
    head([`content-length: ${chat().length}`, "connection: close"]) + chat(),
    400,
    "bad_request",
  ],
  ["a head too large", head(["host: a", `x: ${"a".repeat(20_000)}`]), 431, "headers_too_large"],
  [
    "too large a length",
    head(["host: a", "content-length: 99999999999"]),
    413,
    "payload_too_large",
  ],
  [
    "chunks that are too large together",
    chunked(`${`100000\r\n${"x".repeat(1024 ** 2)}\r\n`.repeat(5)}0\r\n\r\n`),
    ...([413, "payload_too_large"] as const),
  ],
  [
    "gzip",
    whole(chat(), "content-encoding: gzip", "connection: close"),
    415,
    "unsupported_content_encoding",
  ],
  ["an odd expectation", whole(chat(), "expect: 200-ok"), 417, "expectation_failed"],
] as const)("%s", async (_, bytes, status, code) => {
  const started = await startGateway([echoEngine()]);
  const socket = dial(started);
  const answer = heard(socket);
  socket.end(bytes);
  const text = await answer;
  expect(text.split(" ", 2)[1]).toBe(String(status));
  expect(codeIn(text)).toBe(code);
  expect(text).toContain("application/json");
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  await nothingLeft(started);
});

test("HTTP/1.0 is answered whole, and streamed without chunks", async () => {
  const started = await startGateway([echoEngine()]);
  for (const stream of [false, true]) {
    const body = chat({ stream });
    const socket = dial(started);
    const answer = heard(socket);
    socket.write(head([`content-length: ${body.length}`], "1.0") + body);
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1\.\d 200 /);
    expect(text).not.toContain("transfer-encoding");
    expect(text).toContain(stream ? 'data: {"id":"chatcmpl-' : "two small words");
  }
  await nothingLeft(started);
});

test("who asks before it sends is told to go on", async () => {
  const started = await startGateway([echoEngine()]);
  const body = chat();
  const socket = dial(started);
  const answer = heard(socket);
  const lines = ["host: a", "expect: 100-continue", "connection: close"];
  socket.write(head([...lines, `content-length: ${body.length}`]));
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(body);
  const text = await answer;
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  await nothingLeft(started);
});

test("requests in one breath are answered in their order", async () => {
  const started = await startGateway([echoEngine()]);
  const socket = dial(started);
  const answer = heard(socket);
  const ask = (content: string, ...lines: readonly string[]) =>
    whole(chat({ messages: [{ role: "user", content }] }), ...lines);
  socket.write(ask("first") + ask("second") + ask("third", "connection: close"));
  const text = await answer;
  expect([...text.matchAll(/"content":"(\w+)"/g)].map(([, word]) => word)).toEqual([
    ...["first", "second", "third"],
  ]);
  await nothingLeft(started);
});

// A process that is killed closes its half, and no more: the kernel says nothing else until it is written to.
test("who closes its half has left, and its engine stops", async () => {
  const engine = echoEngine({ pauseMs: 20 });
  const started = await startGateway([engine]);
  const socket = dial(started);
  const answer = heard(socket);
  socket.write(whole(chat({ messages: [{ role: "user", content: "word ".repeat(900) }] })));
  await eventually("the engine is asked", () => engine.asked.length === 1);
  socket.end();
  await eventually("the engine stops", () => engine.cancelled() === 1);
  expect(await answer).toBe("");
  await nothingLeft(started);
});

test("who leaves in the middle of a request leaves nothing behind, and no complaint", async () => {
  const journal: string[] = [];
  const started = await startGateway([echoEngine()], {
    journal: (level, { event }) => void (level === "info" || journal.push(event)),
  });
  const half = whole(chat()).slice(0, -5);
  const polite = dial(started);
  const said = heard(polite);
  polite.end(half);
  expect((await said).split(" ", 2)[1] ?? "400").toBe("400");
  const rude = dial(started);
  rude.write(half);
  await delay(50);
  rude.resetAndDestroy();
  await nothingLeft(started);
  expect(journal).toEqual([]);
});

test("rubbish behind a request is not answered into the stream of its answer", async () => {
  const started = await startGateway([echoEngine({ pauseMs: 20 })]);
  const socket = dial(started);
  const answer = heard(socket);
  const words = "word ".repeat(200);
  const messages = [{ role: "user", content: words }];
  socket.write(whole(chat({ messages, stream: true })));
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write("\x16\x03\x01 rubbish\r\n\r\n");
  const text = await answer;
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(text).not.toContain("bad_request");
  await nothingLeft(started);
});

test("heads and bodies that drip are hung up on", async () => {
  const limits = { headMs: 150, requestMs: 400, idleMs: 1_000, everyMs: 50 };
  const started = await startGateway([echoEngine()], { limits });
  const bytes = whole(chat());
  const begun = [bytes.slice(0, 40), bytes.slice(0, -10)];
  const answers = await Promise.all(
    begun.map(async (start) => {
      const socket = dial(started);
      const answer = heard(socket);
      socket.write(start);
      for (let drop = 0; drop < 200 && socket.writable && !socket.readableEnded; drop += 1) {
        await delay(20);
        if (start === begun[0]) socket.write("x");
      }
      return answer;
    }),
  );
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(codeIn(answer)).toBe("request_timeout");
  }
  await nothingLeft(started);
});

test("a reader that stops reading is let go, with all that was held for it", async () => {
  const engine = {
    ...echoEngine(),
    async *generate(_: unknown, signal: AbortSignal) {
      const text = "x".repeat(65_536);
      for (;;) {
        await delay(1);
        signal.throwIfAborted();
        yield { kind: "text" as const, text };
      }
    },
  };
  // A minute of patience is a second here.
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 60, signal),
  };
  const { url, gateway, serving } = await startGateway([engine], { clock, drainMs: 0 });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  socket.write(whole(chat({ stream: true })));
  await eventually("it is begun", () => serving.out() === 1);
  socket.pause();
  await eventually("it is let go", () => serving.out() === 0, 20_000);
  await eventually("it is over", () => gateway.counts().active === 0);
});
