/**
 * A signed statement: the DSSE envelope (secure-systems-lab/dsse, protocol 1.0.2) over Ed25519.
 *
 * In: bytes and a key. Out: an envelope, or the bytes of an envelope that verified.
 * Promise: what is returned is byte for byte what was signed, under the type that was asked for.
 */
import { type KeyObject, sign, verify } from "node:crypto";
import Type, { type Static } from "typebox";
import { keyObjectOf, type PublicKey } from "../value/value.ts";

export const Envelope = Type.Object({
  payloadType: Type.String({ maxLength: 200 }),
  payload: Type.String(),
  signatures: Type.Array(
    Type.Object({
      keyid: Type.Optional(Type.String({ maxLength: 200 })),
      sig: Type.String({ maxLength: 200 }),
    }),
    { minItems: 1, maxItems: 64 },
  ),
});
export type Envelope = Static<typeof Envelope>;

/** What is signed: the pre-authentication encoding. Lengths are in bytes, not characters. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

export function seal(
  payloadType: string,
  payload: Uint8Array,
  key: KeyObject,
  keyid: PublicKey,
): Envelope {
  const sig = sign(null, preAuthEncoding(payloadType, payload), key).toString("base64");
  return {
    payloadType,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [{ keyid, sig }],
  };
}

/** The payload when `key` signed it as `payloadType`; otherwise `undefined`. `keyid` is only a hint and is not read. */
export function open(envelope: Envelope, payloadType: string, key: PublicKey): Buffer | undefined {
  // Type confusion: bytes signed as one kind of statement must not be read as another.
  if (envelope.payloadType !== payloadType) return undefined;
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = preAuthEncoding(payloadType, payload);
  const publicKey = keyObjectOf(key);
  const good = envelope.signatures.some(({ sig }) =>
    verify(null, signed, publicKey, Buffer.from(sig, "base64")),
  );
  return good ? payload : undefined;
}
