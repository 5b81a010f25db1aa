import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { frameOf } from "./protobuf-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";
import { until } from "./until-kit.ts";

const world = worldHere();
/** Field numbers of opamp.proto, v0.14: `ServerToAgent.connection_settings`, and what lies in it. */
const SETTINGS = 4;
const OPAMP = 2;

const offers = {
  "a private key": { [OPAMP]: { 3: { 1: "a certificate", 2: "a private key" } } },
  "another endpoint": { [OPAMP]: { 1: "ws://127.0.0.1:PORT/v1/opamp" } },
  insecure_skip_verify: { [OPAMP]: { 5: { 3: 1 } } },
  "another endpoint for telemetry": { 3: { 1: "http://127.0.0.1:PORT/v1/metrics" } },
};

test("private keys, other endpoints and insecure_skip_verify come by signed plans or not at all", async () => {
  const decoy = createServer();
  let calls = 0;
  decoy.on("connection", (socket) => {
    calls += 1;
    socket.destroy();
  });
  decoy.listen(0, "127.0.0.1");
  await once(decoy, "listening");
  const address = decoy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { evil, status } = world();
  await unharmed(world(), {
    code: "link/refused-offer",
    subject: "connection settings",
    async attack() {
      for (const offer of Object.values(offers)) {
        const text = JSON.stringify({ [SETTINGS]: { 1: "hash", ...offer } });
        evil.send(frameOf(JSON.parse(text.replace("PORT", String(address.port)))));
      }
      // Whoever followed such an offer would dial there now; so would one who follows a redirect.
      const answer = `HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:${address.port}/\r\n\r\n`;
      let redirects = 0;
      evil.hooks = {
        upgrade(socket) {
          redirects += 1;
          if (redirects === 1) socket.end(answer);
          return redirects === 1;
        },
      };
      evil.cut();
      const { dials } = evil;
      await until("the agent dials again", async () => evil.dials > dials + 1);
      await until("it is connected", async () => (await status()).conditions.length === 1);
    },
  });
  expect(calls).toBe(0);
  decoy.close();
});
