import { isWeakKey } from "@millwright/schema";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** A weak key would enrol whoever can write a signature that fits every message. */
export function weakKeys({ hosts }: Drafts): readonly Diagnostic[] {
  return hosts.flatMap((host): Diagnostic[] => {
    const { key } = host.value;
    if (key === undefined || !isWeakKey(key)) return [];
    return [
      {
        code: "check/weak-key",
        severity: "error",
        message: `the key of ${host.name ?? "a host"} is of small order or not canonical: nobody made it, and others than the host could sign with it`,
        at: host.spanOf(["key"]),
        cure: "make a key on the host with millwright-agent init",
      },
    ];
  });
}
