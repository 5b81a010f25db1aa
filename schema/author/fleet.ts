import Type, { type TUnsafe } from "typebox";
import { NAME_PATTERN } from "../value/value.ts";
import { AgentRelease } from "./agent-release.ts";
import { classifications } from "./dataset.ts";
import type * as documented from "./documented.ts";
import { duration, type Fields, kindOf, name, strict, type Written } from "./field.ts";
import { hold, retired } from "./operator.ts";

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

const hubPattern = "^wss?://[^\\s/?#]+$";

/** A hub: its address, or its address and what is known of the place where it keeps feedback. */
export const Hub: TUnsafe<documented.Hub> = Type.Unsafe<documented.Hub>({
  type: ["string", "object"],
  pattern: hubPattern,
  properties: {
    url: Type.String({
      pattern: hubPattern,
      description: "Where agents find it.",
      examples: ["wss://hub.example.org"],
    }),
    region: Type.Optional(
      name(
        "Where it stands and keeps what hosts send. Feedback from data with rules goes to no hub that does not say.",
      ),
    ),
    clearance: Type.Optional(
      Type.Enum([...classifications], {
        description: "The highest class of data that it may hold; any, when absent.",
      }),
    ),
  },
  required: ["url"],
  additionalProperties: false,
  description: "A hub: its address, or its address and where it keeps what hosts send.",
  examples: [
    "wss://hub.example.org",
    { url: "wss://hub.example.org", region: "de", clearance: "confidential" },
  ],
});
export type Hub = documented.Hub;

/** The address of a hub, however it was written. */
export function hubUrl(hub: Hub): string {
  return typeof hub === "string" ? hub : hub.url;
}

export const Fleet = strict(
  {
    kind: kindOf("fleet"),
    name: name("The organisation, as it appears in revisions and on the hub's page."),
    hubs: Type.Array(Hub, {
      minItems: 1,
      description:
        "Where agents find a hub, in order of preference. `wss:` anywhere, `ws:` only on loopback. Agents talk to no other.",
      examples: [["wss://hub.example.org"], [{ url: "wss://hub.example.org", region: "de" }]],
    }),
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
    agent: Type.Optional(AgentRelease),
    hold,
    retired,
    maxStaleness: Type.Optional(
      duration(
        "So long after nobody vouches any more that a host's plan is the newest, the host stops answering, until somebody does; from 1m. A proof lasts a day, and the time counts from its end. Hosts answer for ever when absent.",
      ),
    ),
    withdrawn: Type.Optional(
      Type.Array(name("A consent that a dataset names."), {
        maxItems: 10_000,
        description:
          "Consents that people have withdrawn. Nothing that hangs on them may run: no deployment that reads such data, no adapter that learned from it.",
        examples: [["newsletter-2024"]],
      }),
    ),
    telemetry: Type.Optional(
      strict(
        {
          every: Type.Optional(duration("How often a host reports its sensors; 10s when absent.")),
          collector: Type.Optional(
            Type.String({
              pattern: "^https?://[^\\s?#]+$",
              maxLength: 1_000,
              description:
                "Where an OpenTelemetry collector takes metrics from every host as well (OTLP over HTTP). `https:` anywhere, `http:` only on loopback. What it asks for to let a host in stands in that host's OTEL_EXPORTER_OTLP_HEADERS.",
              examples: ["https://otel.example.org:4318"],
            }),
          ),
        },
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
        hubs: [{ url: "wss://hub.acme.example", region: "de", clearance: "confidential" }],
        regions: { eu: ["de", "fr", "nl"] },
        licences: ["Apache-2.0", "MIT"],
        freeze: {
          "quarter-end": {
            starts: "0 18 28 3,6,9,12 *",
            lasts: "3d",
            timezone: "Europe/Berlin",
          },
        },
        agent: {
          version: "0.2.0",
          packages: {
            x64: "https://releases.acme.example/millwright-agent-0.2.0-linux-x64.tar.zst",
          },
        },
        hold: "the power feed is being exchanged on Tuesday",
        retired: ["newsletter-writer"],
        maxStaleness: "30d",
        withdrawn: ["newsletter-2024"],
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
