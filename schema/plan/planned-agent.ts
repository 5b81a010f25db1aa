import Type, { type Static, type TUnsafe } from "typebox";
import { DIGEST_PATTERN, type Digest, VERSION_PATTERN } from "../value/value.ts";

const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});

/** The processors that the agent is built for, as Node names them. */
export const processors = ["x64", "arm64"] as const;
export type Processor = (typeof processors)[number];

/**
 * Which agent runs on the host. A definition does not say which processor its host has, so that there is one archive
 * for each that the fleet has, and the host takes its own.
 */
export const PlannedAgent = Type.Object(
  {
    version: Type.String({ pattern: VERSION_PATTERN }),
    packages: Type.Object(
      { x64: Type.Optional(DigestText), arm64: Type.Optional(DigestText) },
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);
export type PlannedAgent = Static<typeof PlannedAgent>;
