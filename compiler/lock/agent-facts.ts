import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { parseJson, processors, readerOf, VERSION_PATTERN } from "@millwright/schema";
import Type from "typebox";
import { Failure } from "../failure.ts";
import type { AgentFacts } from "./artifact.ts";

/** Zstandard (RFC 8878, section 3.1.1). */
const MAGIC = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
const BLOCK = 512;
/** Bytes of memory that decompressing may take, as a power of two: no more than agents allow. */
const WINDOW_LOG = 27;

const readManifest = readerOf(
  Type.Object({
    schema: Type.Literal("agent-slot/1"),
    version: Type.String({ pattern: VERSION_PATTERN }),
    processor: Type.Enum([...processors]),
  }),
);

/** Whether a file is packed as the archives of agents are; no model is. */
export async function isAgent(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const head = Buffer.alloc(MAGIC.length);
  await file.read(head, 0, head.length, 0);
  return head.equals(MAGIC);
}

/** What the first file of the archive says, `slot.json`; the rest is not looked at. Throws Failure when it is none. */
export async function readAgentFacts(path: string, source: string): Promise<AgentFacts> {
  const head = await headOf(path).catch((cause: unknown) => {
    throw refused(source, "it does not decompress", cause);
  });
  const name = head.subarray(0, 100);
  const size = Number.parseInt(head.subarray(124, 135).toString("latin1"), 8);
  const isManifest = name.subarray(0, name.indexOf(0)).toString("latin1") === "slot.json";
  if (!isManifest || !(size <= BLOCK)) throw refused(source, "it does not begin with slot.json");
  const text = head.subarray(BLOCK, BLOCK + size).toString("utf8");
  const manifest = readManifest(parseJson(text));
  if (!manifest.ok) throw refused(source, "its slot.json is not what it should be");
  const { version, processor } = manifest.value;
  return { kind: "agent", version, processor };
}

/** The header of the first file, and the block after it. */
async function headOf(path: string): Promise<Buffer> {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG };
  const file = createReadStream(path);
  const stream = file.pipe(createZstdDecompress({ params }));
  file.once("error", (error) => stream.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      if (!(part instanceof Buffer)) throw new Error("impossible: a stream of bytes");
      parts.push(part);
      length += part.length;
      if (length >= 2 * BLOCK) break;
    }
  } finally {
    file.destroy();
  }
  return Buffer.concat(parts);
}

function refused(source: string, why: string, cause?: unknown): Failure {
  return new Failure(
    "lock/not-an-archive",
    `${source} is no archive of an agent: ${why}. Make one with npm run package:agent, or name another file.`,
    { cause },
  );
}
