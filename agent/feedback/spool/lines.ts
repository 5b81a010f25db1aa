import { parseJson, type SampleKind, sampleKinds } from "@millwright/schema";

/** As much of a line as the spool must know to keep order and to forget in time. */
export interface Line {
  readonly text: string;
  readonly seq: number;
  readonly kind: SampleKind;
  /** When it must be gone, in milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export interface Lines {
  readonly lines: readonly Line[];
  /** Lines within the file that are no samples of this epoch: a disk lost them. */
  readonly damaged: number;
  /** The file does not end where a line does: the process died while it wrote. */
  readonly torn: boolean;
}

export function readLines(bytes: Uint8Array, epoch: string): Lines {
  const texts = Buffer.from(bytes).toString("utf8").split("\n");
  const torn = texts.pop() !== "";
  const lines: Line[] = [];
  let damaged = 0;
  let last = 0;
  for (const text of texts) {
    const line = readLine(text, epoch);
    if (line === undefined || line.seq <= last) {
      damaged += 1;
      continue;
    }
    last = line.seq;
    lines.push(line);
  }
  return { lines, damaged, torn };
}

function readLine(text: string, epoch: string): Line | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  if (!("epoch" in value) || value.epoch !== epoch) return undefined;
  if (!("seq" in value) || !Number.isSafeInteger(value.seq)) return undefined;
  if (!("governance" in value) || typeof value.governance !== "object") return undefined;
  const { governance } = value;
  if (governance === null || !("expiresAt" in governance)) return undefined;
  const { expiresAt } = governance;
  const kind = "kind" in value ? sampleKinds.find((known) => known === value.kind) : undefined;
  if (kind === undefined || typeof expiresAt !== "number") return undefined;
  return { text, seq: Number(value.seq), kind, expiresAt };
}

export function bytesOfLines(lines: readonly Line[]): Buffer {
  return Buffer.from(lines.map(({ text }) => `${text}\n`).join(""), "utf8");
}
