import { join } from "node:path";
import { parseJson, readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { readIfThere } from "../disk/disk.ts";

/** How the agent that ran last on a state folder can be spoken to; it need not run any more. */
const Running = Type.Object({
  pid: Type.Integer(),
  local: Type.String(),
  /** Opens what not everybody on this machine may do. */
  token: Type.Optional(Type.String()),
});
const read = readerOf(Running);

export async function readRunning(state: string): Promise<Static<typeof Running> | undefined> {
  const bytes = await readIfThere(join(state, "running.json"));
  const reading = read(parseJson(bytes?.toString("utf8") ?? ""));
  return reading.ok ? reading.value : undefined;
}
