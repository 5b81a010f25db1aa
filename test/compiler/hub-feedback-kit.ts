/** Samples of feedback, and their way to the hub. */
import { type KeyObject, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  preAuthEncoding,
  type Sample,
  SEGMENT_TYPE,
  SIGNATURE_HEADER,
  segmentPath,
} from "@millwright/schema";
import { type TestHost, type TestHub, tokenOf } from "./hub-kit.ts";
import { NOON } from "./release-kit.ts";

export const EPOCH = "0192f5a0-0000-7000-8000-000000000000";

/** A correction, number `seq` of the host's spool. */
export function sampleOf(host: TestHost, seq: number, changes: Partial<Sample> = {}): Sample {
  const id = `0192f5a0-0000-7000-8000-${seq.toString(16).padStart(12, "0")}`;
  const output = [
    { role: "assistant", parts: [{ type: "text" as const, content: `line ${seq}` }] },
  ];
  const sample: Sample = {
    schema: "fb/1",
    id,
    host: host.name,
    epoch: EPOCH,
    seq,
    capturedAt: NOON,
    interactionId: id,
    task: "summarise-mail",
    plan: { digest: `sha256:${"a".repeat(64)}`, revision: 1, factory: "support", deployment: "t" },
    model: { name: "mail-triage", baseDigest: `sha256:${"b".repeat(64)}`, runtime: "test" },
    sampling: { reason: "asked", rate: 1 },
    author: { role: "user" },
    governance: {
      classification: "internal",
      residency: ["de"],
      purposes: ["serve", "evaluate"],
      expiresAt: NOON + 86_400_000,
    },
    redaction: { profile: "personal", engine: "test", counts: {} },
    kind: "correction",
    body: { output },
  };
  return { ...sample, ...changes } as Sample;
}

export interface Upload {
  readonly first?: number;
  readonly last?: number;
  readonly host?: string;
  /** Signs instead of the host's own key. */
  readonly key?: KeyObject;
  readonly token?: string;
  readonly at?: number;
  /** Instead of gzipped lines. */
  readonly body?: Buffer;
}

/** Uploads samples as one segment. */
export async function upload(
  hub: TestHub,
  host: TestHost,
  samples: readonly unknown[],
  options: Upload = {},
): Promise<{ status: number; body: unknown }> {
  const { first = 1, last = first + Math.max(1, samples.length) - 1, at = NOON } = options;
  const lines = samples.map((sample) =>
    typeof sample === "string" ? sample : JSON.stringify(sample),
  );
  const body = options.body ?? gzipSync(`${lines.join("\n")}\n`);
  const signature = sign(null, preAuthEncoding(SEGMENT_TYPE, body), options.key ?? host.key);
  const path = segmentPath(options.host ?? host.name, EPOCH, first, last);
  const response = await fetch(`${hub.url}${path}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${options.token ?? (await tokenOf(host, { at }))}`,
      "content-type": SEGMENT_TYPE,
      [SIGNATURE_HEADER]: signature.toString("base64"),
    },
    body: Uint8Array.from(body),
  });
  return { status: response.status, body: await response.json() };
}
