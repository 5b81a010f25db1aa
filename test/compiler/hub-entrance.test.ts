import { once } from "node:events";
import { createServer } from "node:http";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type Clock, clockOf } from "../../compiler/hub/clock.ts";
import { entranceOf } from "../../compiler/hub/http/entrance.ts";
import { hostOf, released, startHub, until, within } from "./hub-kit.ts";
import { cert, key } from "./hub-tls-kit.ts";

async function tlsHub() {
  const hub = await startHub(await released(hostOf("fra-1")), { tls: { cert, key } });
  return Number(new URL(hub.url).port);
}

/** Asks over TLS whether the hub is well; resolves with the first line of its answer. */
function ask(port: number): Promise<string> {
  return within(
    10_000,
    new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: "127.0.0.1", ca: cert });
      onTestFinished(() => void socket.destroy());
      socket.on("error", reject);
      socket.once("data", (data) => resolve(data.toString("utf8").split("\r\n")[0] ?? ""));
      socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    }),
  );
}

/** So many connections that say `hello` and nothing else. */
function stalling(port: number, count: number, hello: Uint8Array) {
  return Array.from({ length: count }, () => {
    const socket = connectTcp(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => socket.destroy());
    if (hello.length > 0) socket.write(hello);
    return socket;
  });
}

test("connections that say nothing keep nobody out", async () => {
  const port = await tlsHub();
  const silent = stalling(port, 200, Buffer.alloc(0));
  await until(async () => silent.every(({ readyState }) => readyState === "open"));
  expect(await ask(port)).toMatch(/^HTTP\/1.1 (200|503) /);
});

test("handshakes that are begun and go no further keep nobody out", async () => {
  const port = await tlsHub();
  // A record of a ClientHello that promises more than it brings.
  const begun = stalling(port, 200, Buffer.from("16030102000100", "hex"));
  await until(async () => begun.every(({ readyState }) => readyState === "open"));
  expect(await ask(port)).toMatch(/^HTTP\/1.1 (200|503) /);
});

test("what is no TLS at all ends one connection and nothing else", async () => {
  const port = await tlsHub();
  const [rubbish] = stalling(port, 1, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await until(async () => rubbish?.destroyed === true);
  expect(await ask(port)).toMatch(/^HTTP\/1.1 (200|503) /);
});

test("whoever drips a request is answered 408 and let go, and whoever waits idly does not hold up the end", async () => {
  const server = createServer(
    { requestTimeout: 200, headersTimeout: 100, connectionsCheckingInterval: 50 },
    (_request, response) => response.end("well"),
  );
  // Nobody waits for the time to be over: it never is.
  const clock: Clock = { ...clockOf(Date.now), sleep: () => new Promise(() => undefined) };
  const entrance = entranceOf(server, false, clock);
  const port = await entrance.listen({ host: "127.0.0.1", port: 0 });
  const [dripping, idle] = stalling(port, 2, Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n"));
  if (dripping === undefined || idle === undefined)
    throw new Error("impossible: two were asked for");
  idle.write("\r\n");
  expect(String(await within(10_000, once(idle, "data")))).toMatch(/^HTTP\/1.1 200 /);
  expect(String(await within(10_000, once(dripping, "data")))).toMatch(/^HTTP\/1.1 408 /);
  await within(10_000, entrance.close());
  server.close();
});
