import { type Delivery, deliveryLimitOf } from "@millwright/schema";
import type { ServerToAgent } from "@millwright/schema/opamp";

/**
 * The files of an offer that a delivery can have; others are not even looked at. How large each may be is for trust to
 * judge, so that an oversized one is refused by name; together they fit into a frame.
 */
export function deliveryOf(config: NonNullable<ServerToAgent["remoteConfig"]>): Delivery {
  const files = Object.entries(config.config?.configMap ?? {});
  return new Map(
    files
      .filter(([name]) => deliveryLimitOf(name) !== undefined)
      .map(([name, { body }]) => [name, body] as const),
  );
}
