import { isLoopback } from "@millwright/schema";
import type { Code, Diagnostic } from "../../diagnostic/diagnostic.ts";

export interface WebPlace {
  readonly what: string;
  /** An address of one. */
  readonly example: string;
  /** Of one in the clear. */
  readonly insecure: Code;
}

/** What is wrong with an address that hosts ask over HTTP: none, one with a secret of its own, or one in the clear. */
export function faultOf(
  address: string,
  { what, example, insecure }: WebPlace,
): Omit<Diagnostic, "at"> | undefined {
  const url = URL.parse(address);
  if (url === null)
    return {
      code: "check/invalid-value",
      severity: "error",
      message: `${address} is no address of a ${what}`,
      cure: `write for example "${example}"`,
    };
  if (url.username !== "" || url.password !== "")
    return {
      code: "check/secret-in-address",
      severity: "error",
      message: `the address of the ${what} ${url.host} has a password in it, for all who can read the repository`,
      cure: `write ${url.protocol}//${url.host}${url.pathname}, and change that password`,
    };
  if (url.protocol === "https:" || isLoopback(url.hostname)) return undefined;
  return {
    code: insecure,
    severity: "error",
    message: `${address} is not encrypted, and not on the host itself`,
    cure: `write https://${url.host}${url.pathname}`,
  };
}
