import Type, { type Static } from "typebox";
import { DIGEST_PATTERN, NAME_PATTERN } from "../value/value.ts";
import { Condition } from "./condition.ts";

const Name = Type.String({ pattern: NAME_PATTERN });
const DigestText = Type.String({ pattern: DIGEST_PATTERN });
const PlanRef = Type.Object({ revision: Type.Integer({ minimum: 1 }), plan: DigestText });

export const DeploymentStatus = Type.Object({
  state: Type.Enum(["fetching", "loading", "ready", "draining", "restarting", "failed"]),
  model: Name,
  digest: DigestText,
  adapter: Type.Optional(Name),
  instances: Type.Integer({ minimum: 0 }),
  ready: Type.Integer({ minimum: 0 }),
  /** Why it is not ready, with the engine's own last line where there is one. */
  reason: Type.Optional(Type.String({ maxLength: 4000 })),
});
export type DeploymentStatus = Static<typeof DeploymentStatus>;

/**
 * What an agent says of itself: three facts apart. Desired is the newest plan it was offered,
 * attempted the last one it tried and how that ended, running the one it serves.
 */
export const AgentStatus = Type.Object({
  schema: Type.Literal("status/1"),
  host: Name,
  agent: Type.String({ description: "Version of the agent." }),
  /** From where it runs: what its package brought, or one of two slots. Absent: it was started by hand. */
  slot: Type.Optional(Type.Enum(["package", "a", "b"])),
  at: Type.Integer({ minimum: 0 }),
  /** A delivery that trust refused has no proved revision: `desired` stays the last proved one, and a condition says why. */
  desired: Type.Union([PlanRef, Type.Null()]),
  attempted: Type.Union([
    Type.Object({
      ...PlanRef.properties,
      result: Type.Enum(["applying", "running", "failed"]),
      reason: Type.Optional(Type.String({ maxLength: 4000 })),
    }),
    Type.Null(),
  ]),
  running: Type.Union([PlanRef, Type.Null()]),
  gateway: Type.Union([Type.String(), Type.Null()]),
  deployments: Type.Record(Type.String(), DeploymentStatus),
  conditions: Type.Array(Condition, { maxItems: 1000 }),
});
export type AgentStatus = Static<typeof AgentStatus>;
