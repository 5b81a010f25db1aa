import { randomUUID, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { preAuthEncoding, SEGMENT_TYPE, SIGNATURE_HEADER, segmentLimits } from "@millwright/schema";
import { expect, test } from "vitest";
import { tokenOf } from "../compiler/hub-kit.ts";
import { adapterHook, changes, subject } from "./blob-kit.ts";
import { withAdapter } from "./models-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";
import { until } from "./until-kit.ts";

const world = worldHere();
/** 64 KiB that become more than 64 MiB. */
const bomb = gzipSync(Buffer.alloc(segmentLimits.plain + 1));

test("a hub that compresses what nobody agreed to compress is hung up on, in the handshake and after", () =>
  unharmed(world(), {
    code: "link/compressed",
    async attack() {
      const { evil } = world();
      evil.hooks = {
        handshake: (headers) => headers.push("Sec-WebSocket-Extensions: permessage-deflate"),
      };
      const { dials } = evil;
      evil.cut();
      await until("the agent has dialled twice", async () => evil.dials > dials + 1);
      await evil.severed(() => {
        evil.hooks = {};
      });
      // RFC 7692, section 6: the bit RSV1 marks a compressed message.
      await evil.severed(() => evil.write(Buffer.of(0xc2, 1, 0)));
    },
  }));

test("a model in a small answer that unpacks to a large one is cut off at the size in the plan", () =>
  unharmed(world(), {
    ...{ code: "store/too-long", subject, changes },
    async attack() {
      const { evil, release } = world();
      evil.hooks = adapterHook((response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(bomb);
      });
      await release(withAdapter);
    },
  }));

test("a packed body unpacks neither at the gateway nor, beyond what was agreed, at the hub", () =>
  unharmed(world(), {
    async attack() {
      const { status, hubUrl, identity, evil, clock, plans } = world();
      const packed = { "content-type": "application/json", "content-encoding": "gzip" };
      const chat = await fetch(`http://${(await status()).gateway}/v1/chat/completions`, {
        ...{ method: "POST", headers: packed, body: bomb },
      });
      expect([chat.status, await codeIn(chat)]).toEqual([415, "unsupported_content_encoding"]);
      const host = { name: identity.host, key: identity.key, plan: plans()[0] };
      const put = async (path: string, method: string, headers: Record<string, string>) => {
        const token = await tokenOf(host, { aud: evil.url, at: clock.now() });
        const authorization = `Bearer ${token}`;
        const response = await fetch(`${hubUrl()}${path}`, {
          ...{ method, body: bomb, headers: { ...headers, authorization } },
        });
        return [response.status, await codeIn(response)];
      };
      const signature = sign(null, preAuthEncoding(SEGMENT_TYPE, bomb), identity.key);
      const headers = { [SIGNATURE_HEADER]: signature.toString("base64") };
      const segment = `/v1/feedback/fra-1/${randomUUID()}/1-1`;
      expect(await put(segment, "PUT", headers)).toEqual([413, "hub/segment-too-large"]);
      expect(await put("/v1/receipts", "POST", packed)).toEqual([400, "hub/bad-receipt"]);
    },
  }));

async function codeIn(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}
