import Type from "typebox";
import { NAME_PATTERN } from "../value/value.ts";
import type * as documented from "./documented.ts";
import { duration, type Fields, kindOf, name, strict, type Written } from "./field.ts";

/** A time in which nothing changes, coming again and again. */
export const Freeze = strict(
  {
    starts: Type.String({
      minLength: 1,
      maxLength: 100,
      "x-unit": "cron",
      description:
        "When it starts: minute, hour, day of the month, month, day of the week, as cron writes them.",
      examples: ["0 18 28 3,6,9,12 *"],
    }),
    lasts: duration("How long each lasts, from 1m to 31d."),
    timezone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "The IANA time zone of `starts`; UTC when absent.",
        examples: ["Europe/Berlin"],
      }),
    ),
  },
  { description: "A time in which hosts take no new plan." },
);
export type Freeze = documented.Freeze;

export const Fleet = strict(
  {
    kind: kindOf("fleet"),
    name: name("The organisation, as it appears in revisions and on the hub's page."),
    hubs: Type.Array(
      Type.String({
        pattern: "^wss?://[^\\s/?#]+$",
        description: "A hub.",
        examples: ["wss://hub.example.org"],
      }),
      {
        minItems: 1,
        description:
          "Where agents find a hub, in order of preference. `wss:` anywhere, `ws:` only on loopback. Agents talk to no other.",
        examples: [["wss://hub.example.org"]],
      },
    ),
    regions: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Array(name("A region or another group."), { description: "What it is made of." }),
        {
          description: "Groups of regions, for residency: `eu: [de, fr]` lets a dataset say `eu`.",
          examples: [{ eu: ["de", "fr"] }],
        },
      ),
    ),
    licences: Type.Optional(
      Type.Array(
        Type.String({
          minLength: 1,
          maxLength: 100,
          "x-licence": "single",
          description: "One licence, as SPDX writes it.",
        }),
        {
          minItems: 1,
          maxItems: 200,
          description:
            "The licences that models and adapters may be under, as SPDX writes them. When given, each model and adapter says its own, and it is one of these.",
          examples: [["Apache-2.0", "MIT"]],
        },
      ),
    ),
    freeze: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), Freeze, {
        additionalProperties: false,
        propertyNames: { maxLength: 63 },
        maxProperties: 16,
        description:
          "Windows in which hosts take no new plan, by name. What runs goes on; a plan that arrives waits for the end of the window.",
      }),
    ),
    telemetry: Type.Optional(
      strict(
        { every: duration("How often a host reports its sensors; 10s when absent.") },
        { description: "What hosts report of themselves." },
      ),
    ),
  },
  {
    description:
      "What the whole organisation has in common: hubs, regions, defaults. A repository holds exactly one.",
    examples: [
      {
        kind: "fleet",
        name: "acme",
        hubs: ["wss://hub.acme.example"],
        regions: { eu: ["de", "fr", "nl"] },
        licences: ["Apache-2.0", "MIT"],
        freeze: {
          "quarter-end": {
            starts: "0 18 28 3,6,9,12 *",
            lasts: "3d",
            timezone: "Europe/Berlin",
          },
        },
        telemetry: { every: "10s" },
      },
    ],
  },
);
export type Fleet = documented.Fleet;

/** What the whole organisation has in common: hubs, regions, defaults. A repository holds exactly one. */
export function fleet(fields: Fields<Fleet>): Written<"fleet", Fleet> {
  return { kind: "fleet", ...fields };
}
