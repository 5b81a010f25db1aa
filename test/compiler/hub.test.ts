import { request } from "node:http";
import { request as secureRequest } from "node:https";
import {
  digestOf,
  encodeSample,
  metrics,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import { expect, test } from "vitest";
import { connect, fullState, statusOf } from "./hub-agent-kit.ts";
import { sampleOf, upload } from "./hub-feedback-kit.ts";
import { hostOf, offeringHub, released, startHub, until } from "./hub-kit.ts";
import { cert, key } from "./hub-tls-kit.ts";
import { fileAt, initialised, NOON } from "./release-kit.ts";

const one = hostOf("fra-1");

interface Timestamp {
  readonly revision: { readonly timestamp: { readonly version: number } };
}

test("after a restart everything durable is back, without the repository, and timestamps go on", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop);
  const agent = await connect(hub, one);
  const status = statusOf(one, { gateway: "127.0.0.1:7430" });
  await agent.ask(fullState(status));
  await upload(hub, one, [sampleOf(one, 1)]);
  const before = (await hub.json("/v1/hub")) as Timestamp;
  const [revisions, feedback] = [await hub.json("/v1/revisions"), await hub.json("/v1/feedback")];
  const events = (await hub.json("/v1/events")) as { events: unknown[] };
  await hub.stop();
  expect(await agent.closed).toBe(1001);
  const again = await offeringHub({ ...shop, repository: `${shop.folder}/gone` });
  expect(await again.json("/v1/hosts/fra-1")).toMatchObject({
    connected: false,
    stale: true,
    lastSeen: NOON,
    status,
  });
  expect(await again.json("/v1/revisions")).toEqual(revisions);
  expect(await again.json("/v1/feedback")).toEqual(feedback);
  expect(await again.json("/v1/events")).toMatchObject({
    events: expect.arrayContaining(events.events),
  });
  const after = (await again.json("/v1/hub")) as Timestamp;
  // The clock stood still in between; the version must rise all the same.
  expect(after.revision.timestamp.version).toBeGreaterThan(before.revision.timestamp.version);
  await until(async () => JSON.stringify(await again.json("/healthz")).includes("hub/git-failed"));
  expect(await (await connect(again, one)).ask()).toHaveProperty("remoteConfig");
});

test("a hub that has nothing to offer says why", async () => {
  const hub = await startHub(await initialised());
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("nothing-released"));
  expect((await hub.get("/healthz")).status).toBe(503);
  expect(await (await hub.get("/")).text()).toContain("release/nothing-released");
});

test("the root of trust can be had by anybody, to be held against its digest", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop, { viewerToken: "a-token-that-is-long" });
  const root = await hub.get("/v1/root/1.json");
  const bytes = Buffer.from(await root.arrayBuffer());
  expect(digestOf(bytes)).toBe(digestOf(fileAt(shop, "releases", "metadata/1.root.json")));
  for (const file of ["2.json", "0.json", "1.root.json", "..%2f1.json"]) {
    expect((await hub.get(`/v1/root/${file}`)).status).toBe(404);
  }
});

test("the page shows hosts, revisions and feedback, and nothing that it shows can run", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  const evil = '<script>alert("1")</script>';
  const condition = {
    code: "trust/refused",
    severity: "error",
    message: evil,
    since: NOON,
  } as const;
  const digest = `sha256:${"c".repeat(64)}`;
  await agent.ask(
    fullState(
      statusOf(one, {
        running: { revision: 1, plan: digest },
        conditions: [condition],
        deployments: {
          triage: { state: "ready", model: "mail-triage", digest, instances: 1, ready: 1 },
        },
      }),
    ),
  );
  const series = [{ name: metrics.cpuUtilization.name, unit: "1", attributes: {} }];
  const say = (type: string, data: Uint8Array) =>
    agent.ask({ customMessage: { capability: telemetryCapability, type, data } });
  await say(telemetryTypes.series, Buffer.from(JSON.stringify(series)));
  await say(telemetryTypes.sample, encodeSample({ at: NOON, values: Float32Array.of(0.42) }));
  await upload(hub, one, [sampleOf(one, 1, { kind: "comment", body: { text: evil } } as never)]);
  const response = await hub.get("/");
  const page = await response.text();
  expect(page).not.toContain("<script");
  expect(
    page.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;/g)?.length,
  ).toBeGreaterThan(1);
  for (const shown of [
    "fra-1",
    "mail-triage",
    "ready 1/1",
    "42 %",
    "trust/refused",
    "1 of 1",
    "mills",
    "summarise-mail",
  ]) {
    expect(page).toContain(shown);
  }
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect((await hub.get("/style.css")).headers.get("content-type")).toContain("text/css");
  hub.advance(600_000);
  expect(await (await hub.get("/")).text()).toContain('class="stale"');
});

/** A request with a Host header of one's own choice, which `fetch` does not allow. */
function statusUnder(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/hosts`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

test("on loopback a page from elsewhere cannot read the hub under a name of its own", async () => {
  const hub = await offeringHub(await released(one));
  expect(await statusUnder(hub.url, "localhost:7420")).toBe(200);
  expect(await statusUnder(hub.url, "[::1]:7420")).toBe(200);
  expect(await statusUnder(hub.url, "evil.example:7420")).toBe(421);
  expect(await statusUnder(hub.url, "127.0.0.1.evil.example")).toBe(421);
});

test("with a viewer token, whoever does not show it sees nothing", async () => {
  const viewerToken = "a-token-that-is-long";
  const hub = await offeringHub(await released(one), { viewerToken });
  const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
  for (const path of ["/", "/healthz", "/metrics", "/v1/hosts", "/v1/feedback", "/style.css"]) {
    expect((await hub.get(path, {})).status).toBe(401);
    expect((await hub.get(path, { authorization: "Bearer another" })).status).toBe(401);
    expect((await hub.get(path, { authorization: basic("another") })).status).toBe(401);
    expect((await hub.get(path, { authorization: basic(viewerToken) })).status).toBe(200);
    expect((await hub.get(path)).status).toBe(200);
  }
  // Hosts bring tokens of their own.
  expect(await connect(hub, one)).toHaveProperty("socket");
});

test.each([
  ["without TLS", {}, "hub/tls-required"],
  ["without a viewer token", { tls: { cert: "", key: "" } }, "hub/viewer-token-required"],
  ["with a token that can be guessed", { viewerToken: "123" }, "hub/viewer-token-short"],
])("off loopback a hub does not start %s", async (_what, changes, code) => {
  const hub = startHub(await released(one), { listen: { host: "0.0.0.0", port: 0 }, ...changes });
  await expect(hub).rejects.toMatchObject({ code });
});

test("every error has the same shape", async () => {
  const hub = await offeringHub(await released(one));
  for (const path of ["/nothing", "/v1/hosts/nobody", "/v1/blobs/sha256/x", "/v1/hosts?x=1"]) {
    expect(await hub.json(path)).toEqual({
      error: { code: expect.stringMatching(/^hub\/[a-z-]+$/), message: expect.any(String) },
    });
  }
});

test("with a certificate the hub speaks TLS, to viewers and to hosts", async () => {
  const tls = { cert, key };
  const hub = await startHub(await released(one), { tls });
  expect(hub.url).toMatch(/^https:/);
  const status = () =>
    new Promise<number>((resolve, reject) => {
      secureRequest(`${hub.url}/healthz`, { ca: cert }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
  await until(async () => (await status()) === 200);
  const agent = await connect(hub, one, {}, { ca: cert });
  expect(await agent.ask()).toHaveProperty("remoteConfig");
  await expect(fetch(hub.url.replace("https", "http"))).rejects.toThrow();
});
