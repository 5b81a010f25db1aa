import type { Readable, Writable } from "node:stream";
import { type Given, PROJECT } from "./given.ts";
import { type Message, readMessages, writeMessage } from "./message-stream.ts";
import { readTscDiagnostics, type TscDiagnostic } from "./tsc-diagnostic.ts";

/** The conversation broke off before tsc had said everything. */
export class Ended extends Error {}

/** What tsc may ask of a disk. We answer for all of it: nothing falls through to the real one. */
export const fileQuestions = [
  "readFile",
  "fileExists",
  "directoryExists",
  "getAccessibleEntries",
  "realpath",
] as const;

/** No answer is larger, however much is wrong with a program. */
const MOST_BYTES = 64 * 1024 ** 2;

/** Asks for the errors of a program, and answers what tsc asks meanwhile. */
export async function converse(
  { stdin, stdout }: { readonly stdin: Writable; readonly stdout: Readable },
  given: Given,
): Promise<readonly TscDiagnostic[]> {
  const messages = readMessages(stdout, MOST_BYTES);
  let asked = 0;
  const request = async (method: string, params: unknown): Promise<unknown> => {
    const id = ++asked;
    writeMessage(stdin, { id, method, params });
    for (;;) {
      const { value: message } = await nextOf(messages);
      if (message === undefined) throw new Ended();
      if (typeof message["method"] === "string")
        writeMessage(stdin, { id: message["id"], result: answer(message, given) });
      else if (message["error"] !== undefined) throw new Ended();
      else if (message["id"] === id) return message["result"];
    }
  };
  await request("initialize", null);
  const { snapshot } = (await request("updateSnapshot", { openProjects: [PROJECT] })) as {
    readonly snapshot: number;
  };
  const found: TscDiagnostic[] = [];
  for (const kind of ["Syntactic", "Bind", "Semantic"])
    found.push(
      ...readTscDiagnostics(await request(`get${kind}Diagnostics`, { snapshot, project: PROJECT })),
    );
  return found;
}

/** A stream that is torn down ends the conversation; only a message that is too long is worth telling apart. */
async function nextOf(
  messages: AsyncGenerator<Message>,
): Promise<{ readonly value: Message | undefined }> {
  try {
    const { value, done } = await messages.next();
    return { value: done === true ? undefined : (value as Message) };
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new Ended("tsc broke off", { cause });
  }
}

function answer({ method, params }: Message, { texts, folders }: Given): unknown {
  const name = String(params);
  switch (method as (typeof fileQuestions)[number]) {
    case "readFile":
      // Without a content, there is no such file; without an answer, tsc would read the disk itself.
      return { content: texts.get(name) ?? null };
    case "fileExists":
      return texts.has(name);
    case "directoryExists":
      return folders.has(name);
    case "getAccessibleEntries":
      return { files: [], directories: [] };
    case "realpath":
      return name;
  }
}
