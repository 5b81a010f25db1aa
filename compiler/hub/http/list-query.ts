import { readerOf, sampleKinds } from "@millwright/schema";
import Type from "typebox";

const Query = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,3}$" })),
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    kind: Type.Optional(Type.Enum([...sampleKinds])),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
  },
  { additionalProperties: false },
);
const readQuery = readerOf(Query);

/** What part of a list is asked for. */
export interface ListQuery {
  /** 1 to 1000. */
  readonly limit: number;
  readonly after?: string | undefined;
  readonly kind?: string | undefined;
  readonly host?: string | undefined;
}

export const LIST_HELP =
  "Lists take limit (1 to 1000), after, and some of them kind or host, each once.";

/** `undefined` when the query is none. */
export function parseListQuery(query: unknown, usual: number): ListQuery | undefined {
  const reading = readQuery(query);
  if (!reading.ok) return undefined;
  const { limit = usual, ...rest } = reading.value;
  return Number(limit) > 1_000 ? undefined : { ...rest, limit: Number(limit) };
}
