import type { KeyObject } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalBytes,
  type PublicKey,
  RECEIPT_TYPE,
  Receipt,
  readerOf,
  seal,
  UUID7_PATTERN,
} from "@millwright/schema";
import { readIfThere, syncFolder, writeAtomic } from "../disk/disk.ts";
import type { Source } from "./parcel.ts";

/** Years of changes. Beyond that the oldest go: they must not fill the disk of a host whose hub never comes back. */
const MAX_RECEIPTS = 10_000;
const name = new RegExp(`^${UUID7_PATTERN.slice(1, -1)}\\.json$`);
const readReceipt = readerOf(Receipt);

/** Receipts on this host's disk until the hub has them: one file each, signed by the host. */
export interface Outbox extends Source {
  /** Returns once the receipt survives a power cut. */
  put(receipt: Receipt): Promise<void>;
}

export async function openOutbox(
  folder: string,
  { key, publicKey }: { readonly key: KeyObject; readonly publicKey: PublicKey },
): Promise<Outbox> {
  const refused = ".refused";
  // What a hub refused is offered once more: the hub may be a better one today.
  for (const file of await readdir(folder)) {
    if (file.endsWith(refused)) {
      await rename(join(folder, file), join(folder, file.slice(0, -refused.length)));
    }
  }
  // UUIDs of version 7: by name is by age.
  const files = (await readdir(folder)).filter((file) => name.test(file)).toSorted();
  const forget = async (file: string) => {
    const at = files.indexOf(file);
    if (at >= 0) files.splice(at, 1);
    await rm(join(folder, file), { force: true });
  };
  return {
    async put(receipt) {
      const file = `${receipt.id}.json`;
      if (!readReceipt(receipt).ok || !name.test(file)) {
        throw new Error("impossible: a receipt that is none");
      }
      const envelope = seal(RECEIPT_TYPE, canonicalBytes(receipt), key, publicKey);
      await writeAtomic(join(folder, file), JSON.stringify(envelope));
      files.push(file);
      const [oldest] = files;
      if (files.length > MAX_RECEIPTS && oldest !== undefined) await forget(oldest);
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
