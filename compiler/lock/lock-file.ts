import { createHash } from "node:crypto";
import { DIGEST_PATTERN, firstError, readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { parse, stringify } from "yaml";
import { type Diagnostic, passed, refused, type Stage } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { LOCK_PATH, type Lock, type LockedArtifact } from "./artifact.ts";

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const strict = { additionalProperties: false } as const;

const Facts = Type.Union([
  Type.Object(
    { kind: Type.Literal("adapter"), architecture: Type.String(), tensorBytes: Count },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal("model"),
      architecture: Type.String(),
      layers: Count,
      embedding: Count,
      vocabulary: Count,
      contextLength: Count,
      heads: Count,
      kvHeads: Type.Union([Count, Type.Array(Count)]),
      keyLength: Count,
      valueLength: Count,
      slidingWindow: Type.Optional(Count),
      tensorBytes: Count,
      embeddingBytes: Count,
      tiedOutput: Type.Boolean(),
    },
    strict,
  ),
]);

const LockFile = Type.Object(
  {
    schema: Type.Literal("lock/1"),
    artifacts: Type.Record(
      Type.String(),
      Type.Object(
        { digest: Type.String({ pattern: DIGEST_PATTERN }), size: Count, facts: Facts },
        strict,
      ),
    ),
  },
  strict,
);
const readFile = readerOf(LockFile);

const head =
  "# What the sources of the models are. Made by `millwright lock`: do not edit by hand.\n";

/** The same artifacts give the same text. */
export function lockText(artifacts: ReadonlyMap<string, LockedArtifact>): string {
  const sorted = [...artifacts].sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    head + stringify({ schema: "lock/1", artifacts: Object.fromEntries(sorted) }, { lineWidth: 0 })
  );
}

/** The lock of a source tree; `undefined` when it has none. */
export function readLock({ files }: SourceTree): Stage<Lock | undefined> {
  const bytes = files.get(LOCK_PATH);
  if (bytes === undefined) return passed(undefined);
  const stale = (reason: string): Stage<Lock> => {
    const problem: Diagnostic = {
      code: "lock/stale",
      severity: "error",
      message: `the lock cannot be read: ${reason}`,
      at: { file: LOCK_PATH, start: 0, end: 1 },
      cure: "run millwright lock and commit it",
    };
    return refused([problem]);
  };
  let content: unknown;
  try {
    content = parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), { maxAliasCount: 0 });
  } catch (error) {
    return stale(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  const file = readFile(content);
  if (!file.ok) return stale(firstError(file.errors));
  return passed({
    artifacts: artifactsOf(file.value),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
}

function artifactsOf({ artifacts }: Static<typeof LockFile>): ReadonlyMap<string, LockedArtifact> {
  return new Map(Object.entries(artifacts) as [string, LockedArtifact][]);
}
