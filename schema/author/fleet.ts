import Type, { type Static } from "typebox";
import { duration, type Fields, name, strict, type Written } from "./field.ts";

/** What the whole organisation has in common. A repository holds exactly one. */
export const Fleet = strict(
  {
    kind: Type.Literal("fleet"),
    name: name("The organisation, as it appears in revisions and on the hub's page."),
    hubs: Type.Array(Type.String({ pattern: "^wss?://[^\\s/?#]+$" }), {
      minItems: 1,
      description:
        "Where agents find a hub, in order of preference. `wss:` anywhere, `ws:` only on loopback. Agents talk to no other.",
      examples: [["wss://hub.example.org"]],
    }),
    regions: Type.Optional(
      Type.Record(Type.String(), Type.Array(name("A region or another group.")), {
        description: "Groups of regions, for residency: `eu: [de, fr]` lets a dataset say `eu`.",
      }),
    ),
    telemetry: Type.Optional(
      strict({ every: duration("How often a host reports its sensors; 10s when absent.") }),
    ),
  },
  { description: "What the whole organisation has in common: hubs, regions, defaults." },
);
export type Fleet = Static<typeof Fleet>;

export function fleet(fields: Fields<Fleet>): Written<"fleet", Fleet> {
  return { kind: "fleet", ...fields };
}
