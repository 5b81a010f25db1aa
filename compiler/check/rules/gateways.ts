import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";

/** Where other hosts reach a gateway: another port than callers', nobody else's, and needed to pass anything on. */
export function gateways({ hosts }: Drafts): readonly Diagnostic[] {
  const taken = new Map<string, Draft<"host">>();
  return hosts.flatMap((host): readonly Diagnostic[] => {
    const { name = "a host", gateway } = host.value;
    const { listen, address, factories } = gateway ?? {};
    if (address === undefined) {
      if (factories === undefined) return [];
      return [
        {
          code: "check/invalid-value",
          severity: "error",
          message: `${name} is to pass tasks on, and does not say where other hosts reach it`,
          at: host.spanOf(["gateway", "factories"]),
          cure: "write gateway.address, or leave factories out",
        },
      ];
    }
    const at = host.spanOf(["gateway", "address"]);
    if (address === listen)
      return [
        {
          code: "check/invalid-value",
          severity: "error",
          message: `callers and other hosts cannot both reach ${name} at ${address}: only hosts speak TLS there`,
          at,
          cure: "write another port for one of them",
        },
      ];
    const other = taken.get(address);
    taken.set(address, other ?? host);
    if (other === undefined) return [];
    return [
      {
        code: "check/invalid-value",
        severity: "error",
        message: `${address} is the address of ${other.value.name ?? "another host"} and of ${name}`,
        at,
        cure: "write where this host alone is reached",
        also: [{ message: "the other one", at: other.spanOf(["gateway", "address"]) }],
      },
    ];
  });
}
