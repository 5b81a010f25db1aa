import { isLoopback } from "@millwright/schema";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** Mirrors that an agent would ask, without secrets of theirs in git; and watermarks in their order. */
export function stores({ hosts }: Drafts): readonly Diagnostic[] {
  return hosts.flatMap(({ value, spanOf }): readonly Diagnostic[] => {
    const { mirrors = [], watermarks } = value.store ?? {};
    const wrong = mirrors.flatMap((mirror, index): readonly Diagnostic[] => {
      const fault = typeof mirror === "string" ? faultOf(mirror) : undefined;
      return fault === undefined ? [] : [{ ...fault, at: spanOf(["store", "mirrors", index]) }];
    });
    const { low, high } = watermarks ?? {};
    if (low === undefined || high === undefined || low < high) return wrong;
    return [
      ...wrong,
      {
        code: "check/invalid-value",
        severity: "error",
        message: `models would go until ${low} of the disk is in use, and begin to go at ${high}`,
        at: spanOf(["store", "watermarks", "low"]),
        cure: "write a low that is less than high",
      },
    ];
  });
}

function faultOf(mirror: string): Omit<Diagnostic, "at"> | undefined {
  const url = URL.parse(mirror);
  if (url === null)
    return {
      code: "check/invalid-value",
      severity: "error",
      message: `${mirror} is no address of a mirror`,
      cure: 'write for example "https://models.example.org"',
    };
  if (url.username !== "" || url.password !== "")
    return {
      code: "check/secret-in-address",
      severity: "error",
      message: `the address of the mirror ${url.host} has a password in it, for all who can read the repository`,
      cure: `write ${url.protocol}//${url.host}${url.pathname}, and change that password`,
    };
  if (url.protocol === "https:" || isLoopback(url.hostname)) return undefined;
  return {
    code: "check/insecure-mirror",
    severity: "error",
    message: `${mirror} is not encrypted, and not on the host itself`,
    cure: `write https://${url.host}${url.pathname}`,
  };
}
