import { digestOf, hexOf } from "@millwright/schema";
import { type Refused, refused } from "./verdict.ts";

/** How signed metadata describes another file. */
export interface Description {
  readonly length?: number | undefined;
  readonly hashes?: Readonly<Record<string, string>> | undefined;
}

/** What is wrong when the bytes are not the described ones; `undefined` when they are. */
export function unlike(
  name: string,
  { length, hashes }: Description,
  bytes: Uint8Array,
): Refused | undefined {
  if (length !== undefined && length !== bytes.length) {
    return refused(
      "trust/wrong-length",
      `${name} has ${bytes.length} bytes; ${length} were signed.`,
    );
  }
  const { sha256 } = hashes ?? {};
  if (sha256 !== undefined && sha256 !== hexOf(digestOf(bytes))) {
    return refused(
      "trust/mix-and-match",
      `${name} is not the file that was signed with the others.`,
    );
  }
  return undefined;
}
