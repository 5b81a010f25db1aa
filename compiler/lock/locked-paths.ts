import { posix } from "node:path";
import { DIGEST_PATTERN, type Digest, parseDigest, readerOf } from "@millwright/schema";
import Type from "typebox";
import { parse } from "yaml";

const LockFile = Type.Object({
  artifacts: Type.Record(
    Type.String(),
    Type.Object({
      digest: Type.String({ pattern: DIGEST_PATTERN }),
      size: Type.Integer({ minimum: 0 }),
    }),
  ),
});
const readLock = readerOf(LockFile);

/** Where in the repository the bytes of a digest lie, as a lock of any version says; `undefined` when it is no lock. */
export function lockedPaths(text: string): ReadonlyMap<Digest, string> | undefined {
  const lock = readLock(parseYaml(text));
  if (!lock.ok) return undefined;
  const paths = new Map<Digest, string>();
  for (const [source, { digest: said }] of Object.entries(lock.value.artifacts)) {
    const digest = parseDigest(said);
    if (digest === undefined || paths.has(digest) || !/^file:(?!\/\/\/)/.test(source)) continue;
    const path = posix.normalize(posix.join("factories", source.slice("file:".length)));
    // Only what lies below factories/ belongs to the definitions.
    if (path.startsWith("factories/")) paths.set(digest, path);
  }
  return paths;
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    // Whatever is wrong with it, the reader of the lock says that it is none.
    return undefined;
  }
}
