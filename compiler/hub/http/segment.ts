import { verify } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import {
  digestOf,
  firstError,
  keyObjectOf,
  type PublicKey,
  parseJson,
  preAuthEncoding,
  readerOf,
  Sample,
  SEGMENT_TYPE,
  segmentLimits,
} from "@millwright/schema";
import { QUARANTINE_MS, type Quarantined, type Segment } from "../store/store.ts";

const readSample = readerOf(Sample);
const unzip = promisify(gunzip);

export interface SegmentPlace {
  readonly host: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export type SegmentReading =
  | { readonly ok: true; readonly segment: Segment }
  | {
      readonly ok: false;
      readonly status: 400 | 403 | 413 | 422;
      readonly code: string;
      readonly message: string;
    };

/** The place that a path names; `undefined` when it names none. */
export function parsePlace(host: string, epoch: string, range: string): SegmentPlace | undefined {
  const [, from = "", to = ""] = /^(\d{1,16})-(\d{1,16})$/.exec(range) ?? [];
  const first = Number(from);
  const last = Number(to);
  if (from === "" || first < 1 || last < first || !Number.isSafeInteger(last)) return undefined;
  // One spelling a segment.
  if (String(first) !== from || String(last) !== to) return undefined;
  return /^[0-9a-f-]{36}$/.test(epoch) ? { host, epoch, first, last } : undefined;
}

/** Is the host's own word, at its place, in lines that are samples? */
export async function readSegment(
  place: SegmentPlace,
  body: Buffer,
  signature: string,
  key: PublicKey,
  now: number,
): Promise<SegmentReading> {
  const signed = preAuthEncoding(SEGMENT_TYPE, body);
  // Forgery: whoever holds a token of a host, but not its key, must not put words into its mouth.
  if (!verify(null, signed, keyObjectOf(key), Buffer.from(signature, "base64"))) {
    return bad(403, "hub/bad-signature", "The segment is not signed by the host's key.");
  }
  const plain = await unpack(body);
  if (!plain.ok) return plain;
  const lines = plain.bytes.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const samples: Sample[] = [];
  const unreadable: Quarantined[] = [];
  let seq = place.first - 1;
  for (const [index, line] of lines.entries()) {
    const sample = readSample(parseJson(line));
    if (!sample.ok) {
      // Signed, so the host will send nothing else: kept for a person rather than refused for ever.
      unreadable.push(setAside(place.host, line, firstError(sample.errors), now));
      continue;
    }
    const { value } = sample;
    // Misfiling: a sample counts for the host and the life of the spool that it names itself.
    const fits = value.host === place.host && value.epoch === place.epoch;
    if (!fits || value.seq <= seq || value.seq > place.last) {
      const where = `${value.host}/${value.epoch}/${value.seq}`;
      return bad(422, "hub/misplaced-sample", `Line ${index + 1} is ${where}; its path is not.`);
    }
    seq = value.seq;
    samples.push(value);
  }
  const { host, epoch, first, last } = place;
  const digest = digestOf(body);
  const bytes = body.length;
  return {
    ok: true,
    segment: { host, epoch, first, last, digest, bytes, samples, unreadable },
  };
}

async function unpack(
  body: Buffer,
): Promise<Extract<SegmentReading, { ok: false }> | { readonly ok: true; readonly bytes: Buffer }> {
  try {
    return { ok: true, bytes: await unzip(body, { maxOutputLength: segmentLimits.plain }) };
  } catch (error) {
    // Decompression bomb: nobody unpacks more than was agreed.
    if (error instanceof RangeError) {
      const message = `A segment has ${segmentLimits.plain} bytes at most when it is unpacked.`;
      return bad(413, "hub/segment-too-large", message);
    }
    return bad(400, "hub/bad-segment", "The segment is not gzipped.");
  }
}

function setAside(host: string, line: string, why: string, now: number): Quarantined {
  return {
    ...{ host, what: "sample", id: null, body: line },
    reason: `feedback/unreadable: ${why}`,
    expiresAt: now + QUARANTINE_MS,
  };
}

function bad(
  status: 400 | 403 | 413 | 422,
  code: string,
  message: string,
): Extract<SegmentReading, { ok: false }> {
  return { ok: false, status, code, message };
}
