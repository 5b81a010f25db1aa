/** Hosts of one site that copy models from each other, over the gateways that they really have. */
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import {
  type Digest,
  digestOf,
  type HostName,
  type HostPlan,
  type Peer,
  publicKeyOf,
} from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { silentJournal, systemChance, systemClock } from "../../agent/life/life.ts";
import { peerDesk, peerToken, type StorePlan, storeIn } from "../../agent/store/store.ts";
import { hubToken } from "../../agent/trust/trust.ts";
import { startGateway } from "./gateway-kit.ts";
import { serve, storeKit } from "./store-kit.ts";

const never = new AbortController().signal;
const quiet = () => undefined;
const model = randomBytes(2_000_000);
const digest = digestOf(model);
const blob = { name: "mail", size: model.length, sources: ["hub:"] };

interface Self {
  readonly host: HostName;
  readonly key: KeyObject;
}

function selfOf(name: string): Self {
  return { host: name as HostName, key: generateKeyPairSync("ed25519").privateKey };
}

function peerAt(self: Self, address: string, blobs: Digest[] = [digest]): Peer {
  return { host: self.host, key: publicKeyOf(self.key), address, blobs };
}

/** A host that has the model, and gives it to `asker`. */
async function giver(asker: Self, settings: StorePlan["store"] = {}) {
  const kit = await storeKit();
  await writeFile(kit.store.path(digest), model);
  const self = selfOf("giver");
  const plan: Pick<HostPlan, "blobs" | "store" | "peers"> = {
    blobs: { [digest]: blob },
    store: settings,
    peers: [peerAt(asker, "127.0.0.1:1")],
  };
  const peers = peerDesk({
    ...{ self: self.host, store: kit.store, clock: systemClock, journal: silentJournal },
    plan: () => plan,
  });
  const { url } = await startGateway([], { peers });
  return { self, address: new URL(url).host };
}

async function asks(asker: Self, peers: readonly Peer[]) {
  const kit = await storeKit({ model });
  const store = storeIn({
    ...{ state: kit.state, clock: systemClock, journal: silentJournal },
    conditions: kit.conditions,
    hub: () => ({ origin: kit.hub.origin, token: async () => "secret" }),
    plan: () => ({ peers }),
    tokenFor: (peer, wanted) => peerToken(asker, peer, wanted, Date.now(), systemChance),
  });
  return { ...kit, store };
}

test("a host copies a model from another one of its site, from where it was, and the hub is not asked", async () => {
  const asker = selfOf("asker");
  const { self, address } = await giver(asker);
  const kit = await asks(asker, [peerAt(self, address)]);
  const stop = new AbortController();
  const first = kit.store.fetch(digest, blob, (at) => at > 500_000 && stop.abort(), stop.signal);
  await expect(first).rejects.toThrow(/abort/);
  const seen: number[] = [];
  await kit.store.fetch(digest, blob, (at) => seen.push(at), never);
  expect(seen[0]).toBeGreaterThan(500_000);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
  expect(kit.hub.requests).toEqual([]);
});

test("nobody gets a model but a host whose plan names it, with a fresh token of its own for these bytes, once", async () => {
  const asker = selfOf("asker");
  const { self, address } = await giver(asker);
  const ask = async (token: string | undefined, of: Digest = digest) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`http://${address}/blobs/${of}`, { headers });
    await response.arrayBuffer();
    return response.status;
  };
  const tokenOf = (from: Self, to = self.host, of = digest, now = Date.now()) =>
    peerToken(from, to, of, now, systemChance);
  const other = digestOf("another model");
  const stranger = selfOf("stranger");
  const impostor = { ...stranger, host: asker.host };
  expect(await ask(undefined)).toBe(401);
  expect(await ask("x.y.z")).toBe(401);
  expect(await ask(await tokenOf(stranger))).toBe(401);
  expect(await ask(await tokenOf(impostor))).toBe(401);
  expect(await ask(await tokenOf(asker, "third" as HostName))).toBe(401);
  expect(await ask(await tokenOf(asker, self.host, other))).toBe(401);
  expect(await ask(await tokenOf(asker, self.host, other), other)).toBe(401);
  expect(await ask(await tokenOf(asker, self.host, digest, Date.now() - 200_000))).toBe(401);
  expect(await ask(await tokenOf(asker, self.host, digest, Date.now() + 200_000))).toBe(401);
  // What is for a hub opens no peer.
  expect(
    await ask(
      await hubToken(
        { ...asker, publicKey: publicKeyOf(asker.key) },
        "wss://hub",
        Date.now(),
        systemChance,
      ),
    ),
  ).toBe(401);
  const once = await tokenOf(asker);
  expect(await ask(once)).toBe(200);
  expect(await ask(once)).toBe(401);
  expect((await fetch(`http://${address}/blobs/sha256:x`)).status).toBe(404);
});

test("more peers than may copy at once are sent on, and a place that is left is free again", async () => {
  const asker = selfOf("asker");
  const { self, address } = await giver(asker, { uploads: 1 });
  const ask = async (range?: string) => {
    const token = await peerToken(asker, self.host, digest, Date.now(), systemChance);
    return await fetch(`http://${address}/blobs/${digest}`, {
      headers: { authorization: `Bearer ${token}`, ...(range !== undefined && { range }) },
    });
  };
  const held = await ask();
  expect(held.status).toBe(200);
  const busy = await ask();
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "10"]);
  await held.body?.cancel();
  let rest = await ask("bytes=1999990-");
  for (let turn = 0; turn < 100 && rest.status === 503; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    rest = await ask("bytes=1999990-");
  }
  expect(rest.status).toBe(206);
  expect(rest.headers.get("content-range")).toBe("bytes 1999990-1999999/2000000");
  expect(Buffer.from(await rest.arrayBuffer())).toEqual(model.subarray(1_999_990));
  const outside = await ask("bytes=2000000-");
  expect([outside.status, outside.headers.get("content-range")]).toEqual([416, "bytes */2000000"]);
});

test("a peer that lies is left for the next source, with an alarm, and not asked again", async () => {
  const asker = selfOf("asker");
  const liar = await serve(randomBytes(model.length));
  const kit = await asks(asker, [peerAt(selfOf("liar"), new URL(liar.origin).host)]);
  await kit.store.fetch(digest, blob, quiet, never);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
  expect(kit.conditions.list()).toMatchObject([
    { code: "store/wrong-digest", severity: "error", subject: "mail from peer:liar" },
  ]);
  const asked = liar.requests.length;
  await rm(kit.store.path(digest));
  await kit.store.fetch(digest, blob, quiet, never);
  expect(liar.requests).toHaveLength(asked);
});

test("a peer that is there and says nothing costs about a second, one that is not there nothing", async () => {
  const asker = selfOf("asker");
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const bound = silent.address();
  if (bound === null || typeof bound === "string") throw new Error("impossible: no port");
  const kit = await asks(asker, [
    peerAt(selfOf("gone"), "127.0.0.1:1"),
    peerAt(selfOf("silent"), `127.0.0.1:${bound.port}`),
  ]);
  const begin = performance.now();
  await kit.store.fetch(digest, blob, quiet, never);
  expect(performance.now() - begin).toBeGreaterThan(900);
  expect(performance.now() - begin).toBeLessThan(4_000);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
  expect(kit.conditions.list()).toEqual([]);
});
