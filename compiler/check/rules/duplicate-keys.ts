import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";

/** A key is one host's alone: whoever holds it is that host. */
export function duplicateKeys({ hosts }: Drafts): readonly Diagnostic[] {
  const owners = new Map<string, Draft<"host">>();
  return hosts.flatMap((host): Diagnostic[] => {
    const { key } = host.value;
    const first = key === undefined ? undefined : owners.get(key);
    if (key !== undefined && first === undefined) owners.set(key, host);
    // A host that was copied with its name has that to mend first.
    if (first === undefined || first.name === host.name) return [];
    const [at, other] = [host.spanOf(["key"]), first.spanOf(["key"])];
    const shared = at.file === other.file && at.start === other.start;
    return [
      {
        code: "check/duplicate-key",
        severity: "error",
        message: `${host.name ?? "a host"} has the key of ${first.name ?? "another host"}`,
        at: shared ? host.at : at,
        cure: "make a key on each host with millwright-agent init",
        also: shared
          ? [
              { message: "the other host", at: first.at },
              { message: "the key of both", at },
            ]
          : [{ message: `the key of ${first.name ?? "the other"}`, at: other }],
      },
    ];
  });
}
