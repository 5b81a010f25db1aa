import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;

/** What environment variables of an engine may be called. */
export const ENGINE_VARIABLE_PATTERN = "^[A-Z][A-Z0-9_]{0,99}$";

/**
 * A program that holds the model and speaks OpenAI's HTTP API, in place of the embedded engine. Whether this host
 * starts it at all is up to the list of its operator.
 */
export const PlannedEngine = Type.Object(
  {
    /** The program and its arguments, as they are given to the kernel: no shell reads them. With placeholders. */
    command: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      minItems: 1,
      maxItems: 256,
    }),
    /** With placeholders, too. */
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: ENGINE_VARIABLE_PATTERN }),
        Type.String({ maxLength: 4096 }),
        { ...strict, minProperties: 1, maxProperties: 64 },
      ),
    ),
    probe: Type.Object(
      {
        /** Answers 200 when, and as long as, the engine can answer. */
        path: Type.String({ pattern: "^/[^\\s?#]*$", maxLength: 200 }),
        everyMs: Type.Integer({ minimum: 100, maximum: 3_600_000 }),
        /** How long it may take to come up; absent: by the size of the model. */
        withinMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 86_400_000 })),
      },
      strict,
    ),
  },
  strict,
);
export type PlannedEngine = Static<typeof PlannedEngine>;
