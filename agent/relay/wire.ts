/**
 * What two hosts say to one another on a TLS connection: lines of JSON, told apart by `id`. The one that dialled takes an
 * instance when it is its turn (`take`), asks its engine, any number of things at once (`ask`), and gives it back (`give`).
 */
import { DIGEST_PATTERN, type Digest, NAME_PATTERN, parseJson, readerOf } from "@millwright/schema";
import Type, { type Static, type TUnsafe } from "typebox";
import { lineCutter } from "../life/life.ts";

/** Bytes of one line: a body of the gateway has 4 MiB, an answer with many vectors more. */
export const MAX_LINE = 32 * 1024 ** 2;
const MAX_TEXT = 4_000;

const strict = { additionalProperties: false } as const;
const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Text = Type.String({ maxLength: MAX_TEXT });
const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});

/** Of the host that dialled. */
export const Question = Type.Union([
  Type.Object(
    {
      kind: Type.Literal("take"),
      id: Id,
      deployment: Type.String({ pattern: NAME_PATTERN }),
      adapter: Type.Optional(Type.String({ pattern: NAME_PATTERN })),
      /** With whom it shares its turn, as the host that dialled knows it. */
      caller: Type.String({ maxLength: 200 }),
      priority: Type.Enum(["high", "normal", "low"]),
      /** For how long an answer is of use: milliseconds. */
      within: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal("ask"),
      id: Id,
      /** The `id` of a `take`. */
      lease: Id,
      method: Type.Enum(["generate", "embed", "rerank"]),
      /** What the engine is asked; held against a schema of its own. */
      asked: Type.Unknown(),
    },
    strict,
  ),
  /** Ends what has this id. It is still answered. */
  Type.Object({ kind: Type.Literal("cancel"), id: Id }, strict),
  Type.Object({ kind: Type.Literal("give"), id: Id }, strict),
  Type.Object({ kind: Type.Literal("ping"), id: Id }, strict),
]);
export type Question = Static<typeof Question>;

/** Who answers: what an answer says of its maker. */
export const Maker = Type.Object(
  {
    model: Type.Object({
      name: Type.String({ pattern: NAME_PATTERN }),
      digest: DigestText,
    }),
    adapter: Type.Optional(
      Type.Object({
        name: Type.String({ pattern: NAME_PATTERN }),
        digest: DigestText,
      }),
    ),
    /** Tokens of context of one request. */
    context: Type.Integer({ minimum: 1 }),
    /** The digest of the plan of that host. */
    plan: DigestText,
    revision: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type Maker = Static<typeof Maker>;

/** Of the host that was dialled. */
export const Reply = Type.Union([
  Type.Object({ kind: Type.Literal("taken"), id: Id, maker: Maker }, strict),
  /** The deployment is not ready there, or too many wait. */
  Type.Object({ kind: Type.Literal("refused"), id: Id, code: Text, message: Text }, strict),
  /** A piece of an answer; more follow, until one is the last. */
  Type.Object(
    { kind: Type.Literal("event"), id: Id, event: Type.Object({ kind: Type.String() }) },
    strict,
  ),
  Type.Object({ kind: Type.Literal("end"), id: Id, value: Type.Optional(Type.Unknown()) }, strict),
  Type.Object({ kind: Type.Literal("failed"), id: Id, code: Text, message: Text }, strict),
  Type.Object({ kind: Type.Literal("pong"), id: Id }, strict),
]);
export type Reply = Static<typeof Reply>;

export const readQuestion = readerOf(Question);
export const readReply = readerOf(Reply);

export function lineOf(message: Question | Reply): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts a stream of bytes into messages. `undefined`: the other end is broken, or hostile: hang up. */
export function linesOf<T>(
  read: (value: unknown) => { readonly ok: true; readonly value: T } | { readonly ok: false },
): (chunk: Buffer) => readonly (T | undefined)[] {
  const cut = lineCutter(MAX_LINE);
  return (chunk) =>
    cut(chunk).map((line) => {
      const found = line && read(parseJson(line.toString("utf8")));
      return found?.ok === true ? found.value : undefined;
    });
}
