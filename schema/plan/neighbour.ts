import Type, { type Static, type TUnsafe } from "typebox";
import { type HostName, NAME_PATTERN, PUBLIC_KEY_PATTERN, type PublicKey } from "../value/value.ts";

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: NAME_PATTERN });
const Names = Type.Array(Name, { minItems: 1, maxItems: 10_000 });
const HostText: TUnsafe<HostName> = Type.Unsafe<HostName>({
  type: "string",
  pattern: NAME_PATTERN,
});
const KeyText: TUnsafe<PublicKey> = Type.Unsafe<PublicKey>({
  type: "string",
  pattern: PUBLIC_KEY_PATTERN,
});

/** A host and a port, and nothing else of a URL: where a host's gateway listens for other hosts. */
export const GATEWAY_ADDRESS = "^(\\[[0-9a-fA-F:]+\\]|[^\\s:/@?#\\[\\]]+):\\d{1,5}$";

/** Another host that answers for this one, or for which this one answers: who it is, where it is, and what the two ask each other. */
export const Neighbour = Type.Object(
  {
    host: HostText,
    key: KeyText,
    /** Where it listens for other hosts, over TLS: `10.0.3.7:7432`. */
    address: Type.String({ pattern: GATEWAY_ADDRESS, maxLength: 300 }),
    /** Deployments there that answer for this host. */
    answers: Type.Optional(Names),
    /** Deployments here that it may ask. */
    asks: Type.Optional(Names),
  },
  strict,
);
export type Neighbour = Static<typeof Neighbour>;

/** A deployment that other hosts answer for this one, the nearest of them first. */
export const Elsewhere = Type.Object(
  {
    factory: Name,
    hosts: Type.Array(HostText, { minItems: 1, maxItems: 16 }),
    /** Its adapters that callers ask for by name. */
    adapters: Type.Optional(Names),
  },
  strict,
);
export type Elsewhere = Static<typeof Elsewhere>;
