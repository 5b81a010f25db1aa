import { createHash } from "node:crypto";
import { stringify } from "yaml";
import {
  type Diagnostic,
  passed,
  refused,
  type Span,
  type Stage,
} from "../diagnostic/diagnostic.ts";
import { LOCK_PATH, type SourceTree } from "../source/source.ts";
import type { Facts, Lock, LockedArtifact } from "./artifact.ts";
import { factOrder, readArtifacts } from "./lock-schema.ts";
import { readLockYaml } from "./lock-yaml.ts";

const head =
  "# What the sources of the models are. Made by `millwright lock`: do not edit by hand.\n";

/** The same artifacts give the same text, in whatever order they and their fields come. */
export function lockText(artifacts: ReadonlyMap<string, LockedArtifact>): string {
  const sorted = [...artifacts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, { digest, size, facts }]) => [source, { digest, size, facts: ordered(facts) }]);
  const content = { schema: "lock/1", artifacts: Object.fromEntries(sorted) };
  return head + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}

function ordered(facts: Facts): object {
  const fields = new Map<string, unknown>(Object.entries(facts));
  return Object.fromEntries(
    factOrder.filter((name) => fields.has(name)).map((name) => [name, fields.get(name)]),
  );
}

/** The lock of a source tree; `undefined` when it has none. */
export function readLock({ files }: SourceTree): Stage<Lock | undefined> {
  const bytes = files.get(LOCK_PATH);
  if (bytes === undefined) return passed(undefined);
  const yaml = readLockYaml(bytes);
  if ("wrong" in yaml) return stale(yaml.wrong, yaml);
  const artifacts = readArtifacts(yaml.content);
  if ("wrong" in artifacts) return stale(artifacts.wrong, yaml.rangeOf(artifacts.path));
  return passed({ artifacts, sha256: createHash("sha256").update(bytes).digest("hex") });
}

/** Reads locks again and again: the one that was read last is not read again. */
export function lockReader(): typeof readLock {
  let last: { readonly bytes: Uint8Array; readonly lock: Stage<Lock | undefined> } | undefined;
  return (tree) => {
    const bytes = tree.files.get(LOCK_PATH);
    if (bytes === undefined) return readLock(tree);
    if (last === undefined || Buffer.compare(last.bytes, bytes) !== 0)
      last = { bytes, lock: readLock(tree) };
    return last.lock;
  };
}

/** Where the lock says something of a source; `undefined` when it says nothing. */
export function placeInLock(
  { files }: SourceTree,
  source: string,
  field: string,
): Span | undefined {
  const bytes = files.get(LOCK_PATH);
  const yaml = bytes && readLockYaml(bytes);
  if (yaml === undefined || "wrong" in yaml) return undefined;
  return { file: LOCK_PATH, ...yaml.rangeOf(["artifacts", source, field]) };
}

function stale(reason: string, { start, end }: Omit<Span, "file">): Stage<Lock | undefined> {
  const problem: Diagnostic = {
    code: "lock/stale",
    severity: "error",
    message: `the lock cannot be read: ${reason}`,
    at: { file: LOCK_PATH, start, end },
    cure: "run millwright lock and commit it",
  };
  return refused([problem]);
}
