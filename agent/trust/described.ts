import { digestOf, hexOf, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { type Refused, refused } from "./verdict.ts";

/** How signed metadata describes another file. */
export interface Description {
  /** Of files that are metadata themselves. */
  readonly version?: number | undefined;
  readonly length?: number | undefined;
  readonly hashes?: Readonly<Record<string, string>> | undefined;
}

const readVersion = readerOf(Type.Object({ signed: Type.Object({ version: Type.Number() }) }));

/** What is wrong when the bytes are not the described ones; `undefined` when they are. */
export function unlike(
  name: string,
  { version, length, hashes }: Description,
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
  const own =
    version === undefined ? undefined : readVersion(parseJson(Buffer.from(bytes).toString("utf8")));
  if (own?.ok && own.value.signed.version !== version) {
    return refused(
      "trust/mix-and-match",
      `${name} has the version ${own.value.signed.version}; ${version} was signed.`,
    );
  }
  return undefined;
}
