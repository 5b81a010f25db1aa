import Type from "typebox";
import { DIGEST_PATTERN } from "../value/value.ts";
import type * as documented from "./documented.ts";
import { strict } from "./field.ts";

const most = 1_000_000_000_000;

/** A key of somebody who calls the gateway. Only its digest is known to the fleet. */
export const ApiKey = strict(
  {
    digest: Type.String({
      pattern: DIGEST_PATTERN,
      description:
        "The SHA-256 of the key, as `millwright key` prints it. The key itself belongs to the caller, and into no repository.",
      examples: ["sha256:8fc03faa39d1ab2b7f5d4b1b7b4bd9f2f8b2a9a9b7c5a8a1d7a5e2a1cfb4d3e0"],
    }),
    models: Type.Optional(
      Type.Array(
        Type.String({
          minLength: 1,
          "x-deployment": true,
          "x-route": true,
          description: "A deployment or a route of this factory.",
        }),
        {
          minItems: 1,
          maxItems: 64,
          uniqueItems: true,
          description: "What it may ask for; everything of this factory when absent.",
          examples: [["summarise-mail"]],
        },
      ),
    ),
    requestsPerMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          "How many requests a host takes of it in a minute; as many as come when absent.",
      }),
    ),
    tokensPerDay: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: most,
        description:
          "How many tokens a host reads and writes for it in a day (UTC); as many as come when absent.",
      }),
    ),
    priority: Type.Optional(
      Type.Enum(["high", "normal", "low"], {
        description:
          "Who is answered first when more is asked than can be answered at once; normal when absent. Keys of the same priority take turns.",
      }),
    ),
  },
  { description: "Who may call, for what, and how much." },
);
export type ApiKey = documented.ApiKey;
