import { processors, VERSION_PATTERN } from "@millwright/schema";
import Type, { type Static } from "typebox";

/** What the archive of an agent says of itself, in its first file. */
export const SlotManifest = Type.Object(
  {
    schema: Type.Literal("agent-slot/1"),
    version: Type.String({ pattern: VERSION_PATTERN }),
    processor: Type.Enum([...processors]),
  },
  { additionalProperties: false },
);
export type SlotManifest = Static<typeof SlotManifest>;
