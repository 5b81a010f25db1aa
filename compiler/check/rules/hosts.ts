import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Found } from "../definitions.ts";

/** A key is one host's alone: whoever holds it is that host. */
export function hostKeys(hosts: Iterable<Found<"host">>): readonly Diagnostic[] {
  const owners = new Map<string, Found<"host">>();
  const found: Diagnostic[] = [];
  for (const host of hosts) {
    const first = owners.get(host.value.key);
    if (first === undefined) owners.set(host.value.key, host);
    else {
      found.push({
        code: "check/duplicate-key",
        severity: "error",
        message: `${host.value.name} has the key of ${first.value.name}`,
        at: host.spanOf(["key"]),
        cure: "make a key on each host with millwright-agent init",
        also: [{ message: `the key of ${first.value.name}`, at: first.spanOf(["key"]) }],
      });
    }
  }
  return found;
}
