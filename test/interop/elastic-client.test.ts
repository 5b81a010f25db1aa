/** Elastic's OpAMP client, as npm has it, against our hub. */
import { once } from "node:events";
import { createServer, request as requestOf } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createOpAMPClient } from "@elastic/opamp-client-node";
import { delivered } from "@millwright/schema";
import { type AgentToServer, decodeAgentBody } from "@millwright/schema/opamp";
import { expect, onTestFinished, test } from "vitest";
import {
  hostOf,
  offeringHub,
  released,
  type TestHost,
  type TestHub,
  tokenOf,
} from "../compiler/hub-kit.ts";

const one = hostOf("fra-1");

/** The client has fixed headers and our hub takes each token once: a sidecar shows a fresh one with each request. */
async function sidecarOf(hub: TestHub, host: TestHost) {
  const heard: AgentToServer[] = [];
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const message = decodeAgentBody(body);
    if (message !== undefined) heard.push(message);
    const authorization = `Bearer ${await tokenOf(host)}`;
    const onward = requestOf(`${hub.url}${request.url}`, {
      method: request.method ?? "POST",
      headers: { ...request.headers, authorization },
    });
    onward.on("response", (answer) => {
      statuses.push(answer.statusCode ?? 0);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/v1/opamp`, heard, statuses };
}

test("Elastic's client is let in, asked for its full state, given its plan, and gone when it stops", async () => {
  const hub = await offeringHub(await released(one), { limits: { pingMs: 20 } });
  const sidecar = await sidecarOf(hub, one);
  const offers: string[][] = [];
  const client = createOpAMPClient({
    endpoint: sidecar.endpoint,
    heartbeatIntervalSeconds: 0.1,
    // AcceptsRemoteConfig and ReportsRemoteConfig.
    capabilities: 2n | 4096n,
    onMessage({ remoteConfig }) {
      if (remoteConfig === undefined) return;
      offers.push(Object.keys(remoteConfig.config?.configMap ?? {}));
      client.setRemoteConfigStatus({ lastRemoteConfigHash: remoteConfig.configHash, status: 1 });
    },
  });
  client.setAgentDescription({ identifyingAttributes: { "service.name": "elastic" } });
  client.start();
  const isApplied = async () => {
    const { config } = (await hub.json("/v1/hosts/fra-1")) as { config: { state: string } | null };
    return config?.state;
  };
  await expect.poll(isApplied, { timeout: 5_000 }).toBe("applied");
  // Once: what has not changed is not offered again.
  expect(offers).toHaveLength(1);
  expect(offers[0]).toContain(delivered.timestamp);
  // ReportFullState: it described itself, and again when it was asked.
  const described = sidecar.heard.filter(({ agentDescription }) => agentDescription !== undefined);
  expect(described.length).toBeGreaterThanOrEqual(2);
  expect(await hub.json("/v1/hosts/fra-1")).toMatchObject({ connected: true });
  await client.shutdown();
  // It leaves without a word: after some minutes it counts as gone.
  hub.advance(160_000);
  await expect
    .poll(async () => hub.json("/v1/hosts/fra-1"), { timeout: 5_000 })
    .toMatchObject({ connected: false });
  expect(new Set(sidecar.statuses)).toEqual(new Set([200]));
});

test("Elastic's client without a token of the host's own is refused", async () => {
  const hub = await offeringHub(await released(one));
  const client = createOpAMPClient({
    endpoint: `${hub.url}/v1/opamp`,
    headers: { authorization: "Bearer rubbish" },
  });
  onTestFinished(() => client.shutdown());
  client.setAgentDescription({ identifyingAttributes: { "service.name": "elastic" } });
  client.start();
  const refused = async () => (await hub.get("/metrics")).text();
  await expect
    .poll(refused, { timeout: 5_000 })
    .toMatch(/refused_total\{code="hub\/unknown-host"\} [1-9]/);
  expect(await hub.json("/v1/hosts/fra-1")).toMatchObject({ connected: false });
});
