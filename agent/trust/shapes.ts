/**
 * The shapes of TUF metadata (specification 1.0.34, section 4) as far as we read it, with a bound on every list:
 * tuf-js takes quadratic time over the entries of a file whose signatures nobody has checked yet.
 * Unknown fields are ignored, as section 4.2 demands.
 */
import { deliveryLimits, firstError, parseJson, type Reader, readerOf } from "@millwright/schema";
import Type, { type TSchema } from "typebox";
import { type Refused, refused } from "./verdict.ts";

const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Length = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Hashes = Type.Record(Type.String(), Type.String({ maxLength: 200 }), { maxProperties: 4 });
const KeyId = Type.String({ pattern: "^[0-9a-f]{64}$" });

const signed = <S extends Record<string, TSchema>>(kind: string, fields: S) =>
  Type.Object({
    signatures: Type.Array(
      Type.Object({
        keyid: Type.String({ maxLength: 200 }),
        sig: Type.String({ pattern: "^[0-9a-f]{0,2000}$" }),
      }),
      { maxItems: 256 },
    ),
    signed: Type.Object({
      _type: Type.Literal(kind),
      spec_version: Type.String({ pattern: "^1\\.\\d{1,3}(\\.\\d{1,3})?$" }),
      version: Version,
      expires: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$" }),
      ...fields,
    }),
  });

const described = Type.Object({
  version: Version,
  length: Type.Optional(Length),
  hashes: Type.Optional(Hashes),
});

const role = Type.Object({
  keyids: Type.Array(KeyId, { maxItems: 64 }),
  threshold: Type.Integer({ minimum: 1, maximum: 64 }),
});

/** One spelling of one kind of key: otherwise one key could be written in two ways and count twice. */
const Key = Type.Object({
  keytype: Type.Literal("ed25519"),
  scheme: Type.Literal("ed25519"),
  keyval: Type.Object({ public: Type.String({ pattern: "^[0-9a-f]{64}$" }) }),
});

const shapes = {
  root: signed("root", {
    consistent_snapshot: Type.Boolean(),
    keys: Type.Record(KeyId, Key, { maxProperties: 256, additionalProperties: false }),
    roles: Type.Object({ root: role, targets: role, snapshot: role, timestamp: role }),
  }),
  timestamp: signed("timestamp", { meta: Type.Object({ "snapshot.json": described }) }),
  snapshot: signed("snapshot", {
    meta: Type.Intersect([
      Type.Object({ "targets.json": described }),
      Type.Record(Type.String(), described, { maxProperties: 64 }),
    ]),
  }),
  targets: signed("targets", {
    targets: Type.Intersect([
      Type.Object({ "revision.json": Type.Object({ length: Length, hashes: Hashes }) }),
      Type.Record(Type.String(), Type.Object({ length: Length, hashes: Hashes }), {
        maxProperties: 64,
      }),
    ]),
  }),
} as const;
export type MetadataRole = keyof typeof shapes;

const readers: Record<MetadataRole, Reader<unknown>> = {
  root: readerOf(shapes.root),
  timestamp: readerOf(shapes.timestamp),
  snapshot: readerOf(shapes.snapshot),
  targets: readerOf(shapes.targets),
};

/** What is wrong with the bytes before anybody looks at a signature; `undefined` when nothing is. */
export function misshapen(
  name: string,
  kind: MetadataRole,
  bytes: Uint8Array,
): Refused | undefined {
  // Endless data: no file may cost more to read than the largest honest one.
  if (bytes.length > deliveryLimits[kind]) return tooLarge(name, bytes, deliveryLimits[kind]);
  const reading = readers[kind](parseJson(Buffer.from(bytes).toString("utf8")));
  return reading.ok
    ? undefined
    : refused("trust/malformed", `${name}: ${firstError(reading.errors)}.`);
}

export function tooLarge(name: string, bytes: Uint8Array, limit: number): Refused {
  return refused("trust/too-large", `${name} has ${bytes.length} bytes; ${limit} are allowed.`);
}
