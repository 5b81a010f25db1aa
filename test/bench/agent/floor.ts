import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import type { IdleHost } from "./idle-host.ts";

/** Arguments of Node for the barest agent there can be, without the cost of taking types off at its start. */
export function floorArguments({ hub, state, host, publicKey }: IdleHost): readonly string[] {
  const source = readFileSync(join(import.meta.dirname, "floor-child.ts"), "utf8");
  return [
    ...["--input-type=module", "--eval", stripTypeScriptTypes(source)],
    ...[hub, state, host, publicKey],
  ];
}
