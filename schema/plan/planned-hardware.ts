import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;
const Amount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What the definition says that the host has: what was placed on it was counted against this. */
export const PlannedHardware = Type.Object(
  {
    /** Cores that models may use; absent: the definition does not say. */
    cores: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    /** Bytes of main memory that models may use. */
    memory: Amount,
    /** GPUs of one make, in the order of their indices. */
    gpus: Type.Optional(
      Type.Array(
        Type.Object(
          {
            model: Type.String({ minLength: 1 }),
            /** Bytes of one of them. */
            memory: Amount,
            count: Type.Integer({ minimum: 1, maximum: 64 }),
          },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
  },
  strict,
);
export type PlannedHardware = Static<typeof PlannedHardware>;
