/**
 * The names that people give: of hosts, models, deployments, routes.
 * A DNS label (RFC 1123, section 2.1), so that every name is safe in a path, a URL, a metric label and a shell.
 */
export const NAME_PATTERN = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
const pattern = new RegExp(NAME_PATTERN);

declare const hostName: unique symbol;
/** The name of a host: what a plan is addressed to. */
export type HostName = string & { readonly [hostName]: true };

export function isName(text: unknown): text is string {
  return typeof text === "string" && pattern.test(text);
}

export function parseHostName(text: string): HostName | undefined {
  return isName(text) ? (text as HostName) : undefined;
}
