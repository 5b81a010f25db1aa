import type { Deployment, Host } from "@millwright/schema";

/** What `where` asks for, one condition after the other. */
export function conditionsOf({ where = {} }: Deployment): readonly (readonly [string, string])[] {
  return Object.entries(where);
}

/** Whether a host is what one condition asks for: its name, site, region, or a label. */
export function meets(host: Host, [key, value]: readonly [string, string]): boolean {
  if (key === "name" || key === "site" || key === "region") return host[key] === value;
  const { labels } = host;
  return labels !== undefined && Object.hasOwn(labels, key) && labels[key] === value;
}
