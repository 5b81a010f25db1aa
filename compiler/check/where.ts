import type { Deployment, Host } from "@millwright/schema";

/** One of the things that `where` asks for: the name, site, region or a label of a host, and what it must be. */
export type Condition = readonly [key: string, value: string];

/** What `where` asks for, one condition after the other. */
export function conditionsOf({ where = {} }: Pick<Deployment, "where">): readonly Condition[] {
  return Object.entries(where);
}

/** What a host says under a key of `where`. */
export function traitOf(host: Host, key: string): string | undefined {
  if (key === "name" || key === "site" || key === "region") return host[key];
  const { labels } = host;
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

export function meets(host: Host, [key, value]: Condition): boolean {
  return traitOf(host, key) === value;
}
