/** Model files that are not as they should be, made from the tiny one. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { triage } from "./runner-kit.ts";

/** Only its first part, as a download that broke off leaves it. */
export function cutModel(bytes: number): Promise<string> {
  return changed((model) => model.subarray(0, bytes));
}

/** With another number in its header. */
export function modelThatSays(key: string, value: number): Promise<string> {
  return changed((model) => {
    // A key is followed by its type: 4, an unsigned integer of 32 bits.
    const at = model.indexOf(Buffer.concat([Buffer.from(key), Buffer.of(4, 0, 0, 0)]));
    if (at < 0) throw new Error(`the model does not say ${key}`);
    model.writeUInt32LE(value, at + key.length + 4);
    return model;
  });
}

/** Of an architecture that no engine knows. */
export function modelOfNoArchitecture(): Promise<string> {
  return changed((model) => {
    const key = Buffer.from("general.architecture");
    // A key is followed by its type: 8, a string, and that by the string's length in 64 bits.
    const at = model.indexOf(key) + key.length + 4 + 8;
    model.write("lxama", at);
    return model;
  });
}

/** With weights that are no numbers: its last bytes are those of NaN, in 16 bits and in 32. */
export function modelWithoutNumbers(): Promise<string> {
  return changed((model) => model.fill(0xff, model.length - 4_096));
}

/** With other words in its vocabulary, each as long as the one that it replaces, as byte-level BPE writes them. */
export function modelWithWords(words: Readonly<Record<string, string>>): Promise<string> {
  return changed((model) => {
    putWords(model, words);
    return model;
  });
}

function putWords(model: Buffer, words: Readonly<Record<string, string>>): void {
  for (const [word, other] of Object.entries(words)) {
    const at = model.indexOf(entryOf(word));
    if (at < 0) throw new Error(`the model has no word ${word}`);
    entryOf(other).copy(model, at);
  }
}

/** With a chat template that is no template. */
export function modelWithBrokenTemplate(): Promise<string> {
  return changed((model) => {
    const at = model.indexOf("{% endfor %}");
    if (at < 0) throw new Error("the model has no template");
    model.write("{% endfor {%", at);
    return model;
  });
}

/** With another chat template, of any length, and with other words, each as long as the one that it replaces. */
export function modelWithTemplate(
  template: string,
  words: Readonly<Record<string, string>> = {},
): Promise<string> {
  return changed((model) => {
    putWords(model, words);
    const key = Buffer.from("tokenizer.chat_template");
    // A key is followed by its type: 8, a string, and that by the string's length in 64 bits.
    const at = model.indexOf(key) + key.length + 4;
    const length = Number(model.readBigUInt64LE(at));
    // Tensors begin at the next 32 bytes after the header: a comment makes what the template grows by a multiple of that.
    const comment = (length - Buffer.byteLength(template) - 4) % 32;
    const blanks = " ".repeat(comment < 0 ? comment + 32 : comment);
    return Buffer.concat([
      model.subarray(0, at),
      entryOf(`${template}{#${blanks}#}`),
      model.subarray(at + 8 + length),
    ]);
  });
}

export function changed(change: (model: Buffer) => Buffer): Promise<string> {
  return readFile(triage).then((model) => fileWith(change(model)));
}

export async function fileWith(bytes: Buffer | string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mw-model-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "model.gguf");
  await writeFile(path, bytes);
  return path;
}

/** A string in a GGUF header: its length in 64 bits, then its bytes. */
function entryOf(word: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(word)));
  return Buffer.concat([length, Buffer.from(word)]);
}
