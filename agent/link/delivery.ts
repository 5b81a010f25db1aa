import { type Delivery, delivered } from "@millwright/schema";
import type { ServerToAgent } from "@millwright/schema/opamp";

const fixed: ReadonlySet<string> = new Set([
  delivered.timestamp,
  delivered.revision,
  delivered.plan,
  delivered.inclusion,
]);
const versioned = /^[1-9]\d{0,15}\.(?:root|snapshot|targets)\.json$/;

/**
 * The files of an offer that a delivery can have; others are not even looked at. How large each may be is for trust to
 * judge, so that an oversized one is refused by name; together they fit into a frame.
 */
export function deliveryOf(config: NonNullable<ServerToAgent["remoteConfig"]>): Delivery {
  const files = Object.entries(config.config?.configMap ?? {});
  return new Map(
    files
      .filter(([name]) => fixed.has(name) || versioned.test(name))
      .map(([name, { body }]) => [name, body] as const),
  );
}
