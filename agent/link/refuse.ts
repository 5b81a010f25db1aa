import type { ServerToAgent } from "@millwright/schema/opamp";
import type { Conditions, Journal } from "../life/life.ts";

const CODE = "link/refused-offer";

interface Refuser {
  readonly conditions: Conditions;
  readonly journal: Journal;
  readonly hub: string;
}

/**
 * Endpoints, certificates, keys, packages and commands come only by the signed plan. Whoever offers them here is in
 * error or in the hands of somebody else: a person must know, so the alarm stays until the agent restarts.
 */
export function refuseOffers(message: ServerToAgent, { conditions, journal, hub }: Refuser): void {
  const offers = {
    "connection settings": message.connectionSettings,
    packages: message.packagesAvailable,
    "a command": message.command,
  };
  for (const [what, offer] of Object.entries(offers)) {
    if (offer === undefined) continue;
    // A hub that repeats itself fills no journal.
    const known = conditions.list().some(({ code, subject }) => code === CODE && subject === what);
    if (!known) journal("error", { event: CODE, hub, offer: what });
    conditions.raise({
      code: CODE,
      severity: "error",
      subject: what,
      message: `The hub ${hub} offered ${what}, which only a signed plan can bring. Nothing was changed. Find out who controls the hub.`,
    });
  }
}
