import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalBytes,
  DIGEST_PATTERN,
  type Digest,
  Envelope,
  parseJson,
  RECEIPT_TYPE,
  Receipt,
  readerOf,
  seal,
  UUID7_PATTERN,
} from "@millwright/schema";
import Type from "typebox";
import { type Identity, readIfThere, syncFolder, writeAtomic } from "../disk/disk.ts";
import type { Chance, Clock } from "../life/life.ts";
import type { Source } from "./parcel.ts";
import { type Head, headOf, type Occurrence, receiptAfter } from "./receipt.ts";

/** Years of changes. Beyond that the oldest go: they must not fill the disk of a host whose hub never comes back. */
const MAX_RECEIPTS = 10_000;
const name = new RegExp(`^${UUID7_PATTERN.slice(1, -1)}\\.json$`);
const readReceipt = readerOf(Receipt);
const readEnvelope = readerOf(Envelope);

/** Receipts on this host's disk until the hub has them: one file each, signed by the host, in one chain. */
export interface Outbox extends Source {
  /** Makes the receipt of what happened. Returns once it survives a power cut. */
  put(occurrence: Occurrence): Promise<void>;
}

export interface OutboxRequest {
  readonly identity: Pick<Identity, "host" | "key" | "publicKey">;
  readonly clock: Clock;
  readonly chance: Chance;
}

const HEAD = "head.json";
const readHead = readerOf(
  Type.Object({
    counter: Type.Integer({ minimum: 1 }),
    digest: Type.Unsafe<Digest>({ type: "string", pattern: DIGEST_PATTERN }),
  }),
);

export async function openOutbox(
  folder: string,
  { identity, ...given }: OutboxRequest,
): Promise<Outbox> {
  const { host, key, publicKey } = identity;
  const refused = ".refused";
  // What a hub refused is offered once more: the hub may be a better one today.
  for (const file of await readdir(folder)) {
    if (file.endsWith(refused)) {
      await rename(join(folder, file), join(folder, file.slice(0, -refused.length)));
    }
  }
  // UUIDs of version 7: by name is by age.
  const files = (await readdir(folder)).filter((file) => name.test(file)).toSorted();
  let written = await writtenHead(folder);
  let head = await headIn(folder, files, written);
  let turn: Promise<void> = Promise.resolve();
  const forget = async (file: string) => {
    const at = files.indexOf(file);
    if (at >= 0) files.splice(at, 1);
    // The end of the chain is read from the receipts that wait, so it is written down before one of them goes.
    if (head !== undefined && head.counter !== written?.counter) {
      const now = head;
      await writeAtomic(join(folder, HEAD), JSON.stringify(now));
      written = now;
    }
    await rm(join(folder, file), { force: true });
  };
  return {
    put(occurrence) {
      // One after the other: two receipts must not follow on the same one.
      const done = turn.then(async () => {
        const receipt = receiptAfter(head, occurrence, host, given);
        const file = `${receipt.id}.json`;
        if (!readReceipt(receipt).ok || !name.test(file))
          throw new Error("impossible: a receipt that is none");
        const envelope = seal(RECEIPT_TYPE, canonicalBytes(receipt), key, publicKey);
        await writeAtomic(join(folder, file), JSON.stringify(envelope));
        head = headOf(receipt);
        files.push(file);
        const [oldest] = files;
        if (files.length > MAX_RECEIPTS && oldest !== undefined) await forget(oldest);
      });
      turn = done.catch(() => undefined);
      return done;
    },
    async next() {
      let found: { readonly file: string; readonly body: Buffer } | undefined;
      while (found === undefined) {
        const [file] = files;
        if (file === undefined) return undefined;
        const body = await readIfThere(join(folder, file));
        // Somebody may have removed it.
        if (body === undefined) files.shift();
        else found = { file, body };
      }
      const { file, body } = found;
      const id = file.slice(0, -".json".length);
      return {
        name: `receipt ${id}`,
        method: "POST",
        path: "/v1/receipts",
        headers: { "content-type": "application/json" },
        body: Uint8Array.from(body),
        receipt: id,
        done: () => forget(file),
        async setAside() {
          files.splice(files.indexOf(file), 1);
          const aside = join(folder, `${file}${refused}`);
          await rename(join(folder, file), aside);
          await syncFolder(folder);
          return aside;
        },
      };
    },
    waiting: () => (files.length === 0 ? undefined : `${files.length} receipts`),
  };
}

async function writtenHead(folder: string): Promise<Head | undefined> {
  const text = (await readIfThere(join(folder, HEAD)))?.toString("utf8");
  const reading = readHead(parseJson(text ?? ""));
  return reading.ok ? reading.value : undefined;
}

/** The end of the chain: what was written down, or a receipt that waits, whichever is further. */
async function headIn(
  folder: string,
  files: readonly string[],
  written: Head | undefined,
): Promise<Head | undefined> {
  let head = written;
  // All of them: by a clock that was set back the newest need not be the last.
  for (const file of files) {
    const receipt = await receiptIn(join(folder, file));
    if (receipt !== undefined && receipt.counter > (head?.counter ?? 0)) head = headOf(receipt);
  }
  return head;
}

/** What we signed ourselves, read back. */
async function receiptIn(path: string): Promise<Receipt | undefined> {
  const text = (await readIfThere(path))?.toString("utf8");
  const envelope = readEnvelope(parseJson(text ?? ""));
  if (!envelope.ok) return undefined;
  const payload = Buffer.from(envelope.value.payload, "base64").toString("utf8");
  const receipt = readReceipt(parseJson(payload));
  return receipt.ok ? receipt.value : undefined;
}
