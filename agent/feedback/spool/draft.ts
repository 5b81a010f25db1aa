import { readerOf, Sample } from "@millwright/schema";

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A sample that has no place in the spool yet: already redacted. */
export type Draft = Without<Sample, "epoch" | "seq">;

const readSample = readerOf(Sample);

/** The line of a sample but for its place, which stands first. Throws when it would be none: we composed it. */
export function textOfDraft(draft: Draft): string {
  const reading = readSample({ ...draft, epoch: "0".repeat(36), seq: 1 });
  if (!reading.ok) {
    const [error] = reading.errors;
    throw new Error(`impossible: a sample that is none at ${error?.instancePath ?? ""}`);
  }
  return JSON.stringify(draft);
}

export function lineOf(text: string, epoch: string, seq: number): string {
  return `{"epoch":"${epoch}","seq":${seq},${text.slice(1)}\n`;
}
