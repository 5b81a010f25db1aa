import { generateKeyPairSync } from "node:crypto";
import {
  digestOf,
  hexOf,
  Inclusion,
  isIncluded,
  parseDigest,
  parseJson,
  readerOf,
} from "@millwright/schema";
import type { ServerToAgent } from "@millwright/schema/opamp";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { expect, onTestFinished, test, vi } from "vitest";
import { connect, fullState, statusOf } from "./hub-agent-kit.ts";
import { hostOf, offeringHub, released, startHub, until } from "./hub-kit.ts";
import { DAY, forge, hostNamed, NOON, releaseOf } from "./release-kit.ts";

const one = hostOf("fra-1");
const two = hostOf("fra-2");

function filesOf({ remoteConfig }: ServerToAgent): Map<string, Buffer> {
  const files = Object.entries(remoteConfig?.config?.configMap ?? {});
  return new Map(files.map(([name, { body }]) => [name, Buffer.from(body)]));
}

function numberOf(message: ServerToAgent): unknown {
  const revision = filesOf(message).get("revision.json")?.toString("utf8") ?? "{}";
  return (parseJson(revision) as { predicate?: { number: number } }).predicate?.number;
}

const hashOf = ({ remoteConfig }: ServerToAgent) =>
  Buffer.from(remoteConfig?.configHash ?? []).toString("hex");

test("a host that connects is offered everything it needs to prove its plan", async () => {
  const hub = await offeringHub(await released(one, two));
  const agent = await connect(hub, one);
  const files = filesOf(await agent.ask(fullState(statusOf(one))));
  const file = (name: string) => files.get(name) ?? Buffer.alloc(0);
  expect([...files.keys()].sort()).toEqual([
    "1.root.json",
    "1.snapshot.json",
    "1.targets.json",
    "inclusion.json",
    "plan.json",
    "revision.json",
    "timestamp.json",
  ]);
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const trust = new TrustedMetadataStore(file("1.root.json"));
  trust.updateTimestamp(file("timestamp.json"));
  trust.updateSnapshot(file("1.snapshot.json"));
  trust.updateDelegatedTargets(file("1.targets.json"), "targets", "root");
  expect(trust.targets?.signed.targets["revision.json"]).toMatchObject({
    hashes: { sha256: hexOf(digestOf(file("revision.json"))) },
  });
  const proof = readerOf(Inclusion)(parseJson(file("inclusion.json").toString("utf8")));
  const statement = parseJson(file("revision.json").toString("utf8")) as {
    subject: [{ digest: { sha256: string } }];
  };
  const root = parseDigest(`sha256:${statement.subject[0].digest.sha256}`);
  if (!proof.ok || root === undefined) throw new Error("no proof");
  const plan = file("plan.json");
  expect(isIncluded(hostNamed("fra-1"), digestOf(plan), proof.value, root)).toBe(true);
  expect(isIncluded(hostNamed("fra-2"), digestOf(plan), proof.value, root)).toBe(false);
});

test("a new revision is pushed to every connected host, and a fresh timestamp alone is no new configuration", async () => {
  const shop = await released(one, two);
  const hub = await offeringHub(shop);
  const agents = [await connect(hub, one), await connect(hub, two)];
  const first = await Promise.all(agents.map((agent) => agent.ask()));
  expect(first.map(numberOf)).toEqual([1, 1]);
  hub.advance(9 * 3_600_000);
  const renewed = await Promise.all(agents.map((agent) => agent.hear()));
  expect(renewed.map(hashOf)).toEqual(first.map(hashOf));
  expect(renewed.map((message) => filesOf(message).get("timestamp.json"))).not.toEqual(
    first.map((message) => filesOf(message).get("timestamp.json")),
  );
  await releaseOf(shop, [{ ...one.plan, telemetry: { everyMs: 500 } }, two.plan]);
  const second = await Promise.all(agents.map((agent) => agent.hear()));
  expect(second.map(numberOf)).toEqual([2, 2]);
  expect(hashOf(second[0] as ServerToAgent)).not.toBe(hashOf(first[0] as ServerToAgent));
});

test("what was changed on the branch after signing is not offered, and the reason can be seen", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop);
  const agent = await connect(hub, one);
  expect(numberOf(await agent.ask())).toBe(1);
  forge(shop, "refs/heads/releases", {
    "plans/fra-1.json": JSON.stringify({ ...one.plan, site: "xxx" }),
  });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("changed-plan"));
  expect(await hub.json("/v1/hub")).toMatchObject({
    state: "degraded",
    revision: { number: 1 },
    troubles: [{ code: "release/changed-plan" }],
  });
  expect(await (await hub.get("/")).text()).toContain("release/changed-plan");
  expect(await (await hub.get("/metrics")).text()).toContain(
    'millwright_hub_verification_failures_total{reason="release/changed-plan"} 1',
  );
  // A host that comes now still gets the last good one.
  expect(numberOf(await (await connect(hub, one)).ask())).toBe(1);
});

test("a whole new history under another root is refused: the root was pinned on first use", async () => {
  const shop = await released(one);
  const first = await offeringHub(shop);
  await first.stop();
  const other = await released(one);
  const hub = await offeringHub({ ...shop, repository: other.repository });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("untrusted-root"));
  expect(await hub.json("/v1/hub")).toMatchObject({ state: "degraded", revision: { number: 1 } });
});

test("an online key that the root does not admit offers nothing, and says so", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const hub = await startHub(await released(one), { onlineKey: privateKey });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("wrong-online-key"));
  expect((await hub.get("/healthz")).status).toBe(503);
});

test("signatures that have ended are told; the revision stays", async () => {
  const hub = await offeringHub(await released(one));
  hub.advance(91 * DAY);
  expect(await hub.json("/v1/hub")).toMatchObject({
    state: "degraded",
    revision: { number: 1 },
    troubles: [{ code: "release/expired" }],
  });
});
