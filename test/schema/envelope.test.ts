import { generateKeyPairSync } from "node:crypto";
import { open, preAuthEncoding, publicKeyOf, seal } from "@millwright/schema";
import { expect, test } from "vitest";

const { privateKey } = generateKeyPairSync("ed25519");
const key = publicKeyOf(privateKey);
const other = publicKeyOf(generateKeyPairSync("ed25519").privateKey);
const payload = Buffer.from("hello world");

test("the pre-authentication encoding is that of the DSSE specification", () => {
  expect(preAuthEncoding("http://example.com/HelloWorld", payload).toString()).toBe(
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
});

test("lengths are counted in bytes, not in characters", () => {
  expect(preAuthEncoding("ü", Buffer.from("€")).toString()).toBe("DSSEv1 2 ü 3 €");
});

test("an envelope opens for the key that signed it, under the type it was signed as", () => {
  const envelope = seal("a/type", payload, privateKey, key);
  expect(open(envelope, "a/type", key)).toEqual(payload);
  expect(open(envelope, "a/type", other)).toBeUndefined();
  expect(open(envelope, "another/type", key)).toBeUndefined();
  expect(open({ ...envelope, payloadType: "another/type" }, "another/type", key)).toBeUndefined();
  expect(
    open({ ...envelope, payload: Buffer.from("x").toString("base64") }, "a/type", key),
  ).toBeUndefined();
});
