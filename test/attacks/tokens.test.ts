import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { hexOf, RECEIPT_TYPE, type Receipt, seal } from "@millwright/schema";
import { OPAMP_PATH } from "@millwright/schema/opamp";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { tokenOf } from "../compiler/hub-kit.ts";
import { adapter } from "./models-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const thief = generateKeyPairSync("ed25519").privateKey;

test("a token that was read along opens nothing a second time", () =>
  unharmed(world(), {
    ...{ code: "hub/replayed-token", by: "hub" },
    async attack() {
      for (const token of world().evil.tokens) {
        expect(await askWith(token)).toBe("401 hub/replayed-token");
        expect(await dialWith(token)).toBe(401);
      }
    },
  }));

test("a token of another key, for another hub, host or time, or without a signature, opens nothing", () =>
  unharmed(world(), {
    ...{ code: "hub/bad-token", by: "hub" },
    async attack() {
      const { evil, identity, clock, plans } = world();
      const at = clock.now();
      const self = { name: identity.host, key: identity.key, plan: plans()[0] };
      const honest = { aud: evil.url, at };
      const [other] = plans().slice(1);
      const tokens = [
        await tokenOf(self, { ...honest, key: thief }),
        await tokenOf(self, { ...honest, aud: "wss://hub.elsewhere.example" }),
        await tokenOf(self, { ...honest, sub: other?.host ?? "" }),
        await tokenOf(self, { ...honest, iss: other?.host ?? "", sub: other?.host ?? "" }),
        await tokenOf(self, { ...honest, at: at - 3_600_000 }),
        await tokenOf(self, { ...honest, lifetimeS: 3_600 }),
        await symmetric(evil.url, at, identity.publicKey),
        unsigned(evil.url, at),
      ];
      for (const token of tokens) {
        expect(await askWith(token)).toBe("401 hub/bad-token");
        expect(await dialWith(token)).toBe(401);
      }
    },
  }));

test("a token that was stolen unused lets nobody speak for another host, nor in the host's own name", () =>
  unharmed(world(), {
    async attack() {
      const segment = { method: "PUT", body: "x", headers: { "millwright-signature": "AAAA" } };
      const path = `/v1/feedback/zrh-1/${randomUUID()}/1-1`;
      expect(await askWith(await stolen(), path, segment)).toBe("403 hub/other-host");
      const own = path.replace("zrh-1", "fra-1");
      expect(await askWith(await stolen(), own, segment)).toBe("403 hub/bad-signature");
      const receipt = { method: "POST", body: forgedReceipt(thief) };
      expect(await askWith(await stolen(), "/v1/receipts", receipt)).toBe("403 hub/bad-signature");
    },
  }));

/** As the agent makes them, kept from the hub. */
function stolen(): Promise<string> {
  const { identity, evil, clock, plans } = world();
  const self = { name: identity.host, key: identity.key, plan: plans()[0] };
  return tokenOf(self, { aud: evil.url, at: clock.now() });
}

async function askWith(
  token: string,
  path = `/v1/blobs/sha256/${hexOf(adapter.digest)}`,
  request: RequestInit = {},
): Promise<string> {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const response = await fetch(`${world().hubUrl()}${path}`, { ...request, headers });
  const { error } = (await response.json()) as { error: { code: string } };
  return `${response.status} ${error.code}`;
}

/** The status with which a WebSocket is refused. */
function dialWith(token: string): Promise<number | undefined> {
  const url = `${world().hubUrl().replace("http", "ws")}${OPAMP_PATH}`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  return new Promise((resolve, reject) => {
    socket.on("unexpected-response", (_request, { statusCode }) => {
      resolve(statusCode);
      socket.terminate();
    });
    socket.on("open", () => reject(new Error("the hub let a thief in")));
    socket.on("error", () => undefined);
  });
}

const claimsOf = (audience: string, at: number) => ({
  ...{ iss: "fra-1", sub: "fra-1", aud: audience, jti: randomUUID() },
  ...{ iat: Math.floor(at / 1000), exp: Math.floor(at / 1000) + 60 },
});

/** RFC 8725, section 2.1: the public key as the secret of an HMAC. */
function symmetric(audience: string, at: number, publicKey: string): Promise<string> {
  return new SignJWT(claimsOf(audience, at))
    .setProtectedHeader({ alg: "HS256" })
    .sign(Buffer.from(publicKey));
}

/** RFC 8725, section 2.1: "alg": "none". */
function unsigned(audience: string, at: number): string {
  const parts = [{ alg: "none" }, claimsOf(audience, at)].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${parts.join(".")}.`;
}

function forgedReceipt(key: KeyObject): string {
  const receipt: Receipt = {
    ...{ schema: "receipt/1", id: randomUUID(), host: "fra-1", counter: 9 },
    ...{ plan: adapter.digest, result: "running", models: [], at: world().clock.now() },
    revision: 99,
  };
  const payload = Buffer.from(JSON.stringify(receipt));
  return JSON.stringify(seal(RECEIPT_TYPE, payload, key, world().identity.publicKey));
}
