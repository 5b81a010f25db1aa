import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { Failure } from "../life/life.ts";
import { writeAtomic } from "./atomic.ts";
import { diskFailure } from "./disk-failure.ts";
import type { StateFolder } from "./state-folder.ts";

/** How the state folder is laid out. Counts up when an older agent would misread what a newer one wrote. */
const STATE_FORMAT = 1;

/** Lies beside the key, so that it stays with it when everything else is removed. */
const pathOf = ({ identity }: Pick<StateFolder, "identity">) => join(identity, "state.json");
const readFormatFile = readerOf(
  Type.Object({
    schema: Type.String({ pattern: "^state/\\d{1,6}$" }),
    /** Which agent wrote it, for people. */
    agent: Type.Optional(Type.String({ maxLength: 64 })),
  }),
);

/** The format of a state folder; `undefined` when it says none: none was made yet, or before there were any. */
async function formatOf(
  state: Pick<StateFolder, "identity">,
): Promise<{ readonly format: number; readonly agent: string | undefined } | undefined> {
  let text: string;
  try {
    text = await readFile(pathOf(state), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw diskFailure(pathOf(state), "read", error);
  }
  const reading = readFormatFile(parseJson(text));
  // Whoever cannot read it does not know what it says.
  if (!reading.ok) return { format: Number.POSITIVE_INFINITY, agent: undefined };
  const { schema, agent } = reading.value;
  return { format: Number(schema.slice("state/".length)), agent };
}

/** Throws a `Failure` when a newer agent wrote this folder: reading on could lose what only that one understands. */
export async function demandReadable(state: StateFolder): Promise<void> {
  const found = await formatOf(state);
  if (found === undefined || found.format <= STATE_FORMAT) return;
  const by = found.agent === undefined ? "" : ` (agent ${found.agent})`;
  throw new Failure(
    "disk/newer-state",
    Number.isFinite(found.format)
      ? `${state.root} was written by a newer agent${by}: its format is ${found.format}, this agent reads ${STATE_FORMAT}. Install that version or a newer one. Nothing was changed.`
      : `${pathOf(state)} is damaged, so nobody can tell which agent wrote this folder. Restore it; or, if no newer agent ever ran here, remove that file. Nothing was changed.`,
  );
}

export async function writeFormat(state: StateFolder, agent: string): Promise<void> {
  await writeAtomic(
    pathOf(state),
    `${JSON.stringify({ schema: `state/${STATE_FORMAT}`, agent })}\n`,
  );
}
