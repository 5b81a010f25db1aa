import Type, { type Static } from "typebox";
import { NAME_PATTERN } from "../value/value.ts";
import { PredicateSchema } from "./predicate.ts";

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: NAME_PATTERN });
/** Deployments here or at neighbours, in the order in which they are asked. */
const Chain = Type.Array(Name, { maxItems: 128 });

const PlannedChoice = Type.Object(
  {
    /** Where it stands in the definition: `choose[1]`. */
    rule: Type.String({ minLength: 1, maxLength: 40 }),
    /** Absent: it is about every task. */
    when: Type.Optional(PredicateSchema),
    /** Who answers; behind the sides of a split, who answers when none of them can. */
    to: Chain,
    split: Type.Optional(
      Type.Array(Type.Object({ to: Name, weight: Type.Integer({ minimum: 1 }) }, strict), {
        minItems: 1,
        maxItems: 16,
      }),
    ),
    classify: Type.Optional(
      Type.Object(
        {
          by: Name,
          /** In the order of the definition. Without anybody to answer, the label leads on to the next choice. */
          labels: Type.Array(
            Type.Object(
              { name: Name, is: Type.String({ minLength: 1, maxLength: 300 }), to: Chain },
              strict,
            ),
            { minItems: 2, maxItems: 16 },
          ),
          atLeast: Type.Number({ minimum: 0, maximum: 1 }),
          withinMs: Type.Integer({ minimum: 1, maximum: 3_600_000 }),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type PlannedChoice = Static<typeof PlannedChoice>;

/** What answers to a name. */
export const PlannedRoute = Type.Object(
  {
    factory: Name,
    /** Deployments here or at neighbours that answer, in order of preference; where rules choose, all to which they can lead. */
    to: Type.Array(Name, { minItems: 1 }),
    choose: Type.Optional(Type.Array(PlannedChoice, { minItems: 1, maxItems: 64 })),
    /** Who is asked instead when the answer's confidence is below. */
    escalate: Type.Optional(
      Type.Object({ below: Type.Number({ minimum: 0, maximum: 1 }), to: Name }, strict),
    ),
    /** Who is asked afterwards as well, for a share of all tasks. */
    shadow: Type.Optional(
      Type.Object({ to: Name, share: Type.Number({ minimum: 0, maximum: 1 }) }, strict),
    ),
  },
  strict,
);
export type PlannedRoute = Static<typeof PlannedRoute>;
