import { access, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type GpuKey, gpuKeys, gpuTable } from "./gpu-metrics.ts";
import { type GpuSample, known, valueIn } from "./gpu-sample.ts";
import type { GpuSource } from "./gpu-source.ts";

const CARDS = "/sys/class/drm";
/** PCI: the maker. What the bus says of a card asks no driver. */
const AMD = "0x1002";

interface Card {
  readonly index: number;
  readonly uuid: string;
  readonly model?: string;
  readonly pci?: string;
}

interface Wanted {
  readonly card: Card;
  readonly key: GpuKey;
  /** Of a file with several lines: the word before the number. */
  readonly word?: string;
}

/**
 * AMD's GPUs, read from sysfs by a shell: these files ask the driver, which may hang, and a thread of ours that hangs in
 * a read never comes back. `undefined` where there are none.
 */
export async function amdSource(everyMs: number, root = CARDS): Promise<GpuSource | undefined> {
  const cards = await cardsIn(root);
  if (cards.length === 0) return undefined;
  const wanted = new Map<string, readonly Wanted[]>();
  for (const { folder, card } of cards)
    for (const key of gpuKeys) {
      const found = await firstOf(folder, gpuTable[key].amd ?? []);
      if (found === undefined) continue;
      const { path, word } = found;
      const one = { card, key, ...(word !== undefined && { word }) };
      wanted.set(path, [...(wanted.get(path) ?? []), one]);
    }
  let values = new Map<Card, [GpuKey, number | undefined][]>();
  return {
    name: "amdgpu",
    command: "/bin/sh",
    arguments: [
      join(import.meta.dirname, "amd.sh"),
      String(Math.max(1, everyMs) / 1000),
      ...wanted.keys(),
    ],
    read(line) {
      const [path = "", text = ""] = line.split("\t");
      if (path === ".") {
        const samples = [...values].map(
          ([card, found]): GpuSample => ({ ...card, ...known(found) }),
        );
        values = new Map();
        return samples;
      }
      for (const { card, key, word } of wanted.get(path) ?? []) {
        const found = wordless(text, word);
        if (found === undefined) continue;
        const all = values.get(card) ?? [];
        all.push([key, valueIn(gpuTable[key], found, 1)]);
        values.set(card, all);
      }
      return [];
    },
  };
}

function wordless(text: string, word: string | undefined): string | undefined {
  if (word === undefined) return text.trim();
  return text.startsWith(`${word}:`) ? text.slice(word.length + 1).trim() : undefined;
}

async function cardsIn(
  root: string,
): Promise<readonly { readonly folder: string; readonly card: Card }[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => /^card\d+$/.test(name));
  const folders = names.sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  const found = await Promise.all(
    folders.map(async (name) => {
      const read = (file: string) =>
        readFile(join(root, name, "device", file), "utf8").then(
          (text) => text.trim(),
          () => "",
        );
      if ((await read("vendor")) !== AMD) return [];
      const [id, model, event] = await Promise.all(
        ["unique_id", "product_name", "uevent"].map(read),
      );
      const pci = /^PCI_SLOT_NAME=([0-9a-f:.]+)$/im.exec(event ?? "")?.[1];
      const uuid = /^[0-9a-f]{1,32}$/i.test(id ?? "") ? `GPU-${id}` : (pci ?? name);
      return {
        folder: join(root, name),
        card: { uuid, ...(pci && { pci }), ...(model && { model: model.slice(0, 100) }) },
      };
    }),
  );
  return found.flat().map(({ folder, card }, index) => ({ folder, card: { index, ...card } }));
}

/** The first of the files that is there. Looking whether it is asks no driver; reading would. */
async function firstOf(folder: string, patterns: readonly string[]) {
  for (const pattern of patterns) {
    const [file = "", word] = pattern.split(":");
    const path = await pathOf(folder, file);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return { path, word };
  }
  return undefined;
}

/** `*` in a pattern: the first folder of that kind. */
async function pathOf(folder: string, pattern: string): Promise<string> {
  const [before = "", after] = pattern.split("*");
  if (after === undefined) return join(folder, pattern);
  const parent = join(folder, dirname(before));
  const names = (await readdir(parent).catch(() => [])).sort();
  const name = names.find((each) => each.startsWith(basename(before))) ?? basename(before);
  return join(parent, `${name}${after}`);
}
