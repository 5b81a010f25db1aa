/** Our agent's link against Elastic's mock of an OpAMP server, as npm has it: it speaks plain HTTP only. */
import { MockOpAMPServer } from "@elastic/mockopampserver";
import { delivered } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { holds, startAgent } from "../agent/link-kit.ts";

async function startServer(): Promise<{ readonly server: MockOpAMPServer; readonly url: string }> {
  const server = new MockOpAMPServer({
    ...{ logLevel: "fatal", hostname: "127.0.0.1", port: 0, testMode: true },
    agentConfigMap: {
      configMap: {
        [delivered.timestamp]: { body: Buffer.from("{}"), contentType: "application/json" },
        "not-ours.yaml": { body: Buffer.from("x: 1"), contentType: "text/yaml" },
      },
    },
  });
  await server.start();
  onTestFinished(() => server.close());
  return { server, url: new URL(server.endpoint).origin.replace("http", "ws") };
}

test("our agent polls Elastic's server: it describes itself, judges the offer and says what came of it", async () => {
  const { server, url } = await startServer();
  // Goodbye is waited for so long, also on a busy machine.
  await using agent = await startAgent({ hubs: [url], longest: 500 });
  // The attempt at a WebSocket is a request too, and gets an error.
  const requests = () => server.testGetRequests().filter(({ a2s }) => a2s !== undefined);
  await holds(
    () => requests().some(({ a2s }) => a2s?.remoteConfigStatus?.status === 1),
    "the offer is applied",
  );
  expect(requests().every(({ err, res }) => err === undefined && res?.statusCode === 200)).toBe(
    true,
  );
  // Of what it offers only files that a delivery can have are looked at.
  expect(agent.offers.map((delivery) => [...delivery.keys()])).toContainEqual([
    delivered.timestamp,
  ]);
  const [uid] = requests().flatMap(({ a2s }) => (a2s === undefined ? [] : [a2s.instanceUid]));
  const known = server.getActiveAgent(uid ?? new Uint8Array(16));
  expect(known?.getIdentifyingAttributes()).toMatchObject({
    "service.name": "millwright-agent",
    "host.name": "fra-1",
  });
  const numbers = requests().map(({ a2s }) => Number(a2s?.sequenceNum));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(agent.codes()).toEqual([]);
  await agent.stop();
  expect(requests().at(-1)?.a2s?.agentDisconnect).toBeDefined();
});
