import {
  canonicalBytes,
  deliveryLimits,
  firstError,
  type HostName,
  parseHostName,
  parseJson,
  Revision,
  readerOf,
} from "@millwright/schema";
import { commitOf, type Entry, filesOf, readObjects } from "./objects.ts";
import { accepted, type Denied, denied, type Verdict } from "./verdict.ts";

const MAX_ROOTS = 256;
const readStatement = readerOf(Revision);

/** The roots of trust as they lie on a branch, oldest first: `1.root.json`, `2.root.json` and so on. */
export interface PublishedRoots {
  readonly repository: string;
  /** The commit on the branch. */
  readonly commit: string;
  readonly roots: readonly Buffer[];
}

/** One revision as it lies on a branch: read and of the right shape, nothing about it proved. */
export interface PublishedRevision extends PublishedRoots {
  readonly number: number;
  readonly revision: Revision;
  readonly revisionBytes: Buffer;
  /** TUF's targets metadata, which carries the signatures. */
  readonly targets: Buffer;
  /** Hosts by name, sorted, with git's id of the plan: equal ids, equal plans, across revisions. */
  readonly plans: ReadonlyMap<HostName, string>;
}

/** Reads the revision at `ref`, the plans aside. Works in a bare clone; costs two processes. */
export async function readRevision(
  repository: string,
  ref: string,
  signal: AbortSignal,
): Promise<Verdict<PublishedRevision>> {
  const branch = await readBranch(repository, ref, signal);
  if (!branch.ok) return branch;
  const { commit, files, rootFiles, plans } = branch.value;
  const revisionFile = files.get("revision.json");
  const targetsFile = files.get("metadata/targets.json");
  if (revisionFile === undefined && targetsFile === undefined) {
    return denied("release/nothing-released", `${ref} holds no revision yet.`);
  }
  const wrong =
    faultOf("revision.json", revisionFile, deliveryLimits.revision) ??
    faultOf("metadata/targets.json", targetsFile, deliveryLimits.targets);
  if (wrong !== undefined || revisionFile === undefined || targetsFile === undefined) {
    return wrong ?? denied("release/malformed", "revision.json is missing.");
  }
  const ids = [revisionFile, targetsFile, ...rootFiles].map(({ id }) => id);
  const [revisionBytes, targets, ...roots] = await contentsOf(repository, ids, signal);
  if (revisionBytes === undefined || targets === undefined) {
    throw new Error("impossible: git lists a file that it cannot read");
  }
  const statement = readStatement(parseJson(revisionBytes.toString("utf8")));
  if (!statement.ok) {
    return denied("release/malformed", `revision.json: ${firstError(statement.errors)}.`);
  }
  // One statement, one text: what people sign must not depend on who wrote it down.
  if (!canonicalBytes(statement.value).equals(revisionBytes)) {
    return denied("release/not-canonical", "revision.json is not canonical JSON.");
  }
  const { number } = statement.value.predicate;
  const revision = statement.value;
  return accepted({ repository, commit, roots, number, revision, revisionBytes, targets, plans });
}

/** The roots alone: also of a branch on which nothing has been released. */
export async function readRoots(
  repository: string,
  ref: string,
  signal: AbortSignal,
): Promise<Verdict<PublishedRoots>> {
  const branch = await readBranch(repository, ref, signal);
  if (!branch.ok) return branch;
  const { commit, rootFiles } = branch.value;
  const ids = rootFiles.map(({ id }) => id);
  return accepted({ repository, commit, roots: await contentsOf(repository, ids, signal) });
}

/** The plans of these hosts (all, when absent), one after the other, so that memory holds one at a time. */
export async function* readPlans(
  { repository, plans }: PublishedRevision,
  hosts: readonly HostName[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly [HostName, Buffer], void, undefined> {
  const wanted = hosts ?? [...plans.keys()];
  const found = wanted.flatMap((host) => {
    const id = plans.get(host);
    return id === undefined ? [] : [{ host, id }];
  });
  let index = 0;
  const ids = found.map(({ id }) => id);
  for await (const bytes of readObjects(repository, ids, signal)) {
    const host = found[index]?.host;
    index += 1;
    if (bytes === undefined || host === undefined) {
      throw new Error("impossible: git lists a plan that it cannot read");
    }
    yield [host, bytes];
  }
}

/** The plan of one host; `undefined` when the revision has none for it. */
export async function readPlan(
  published: PublishedRevision,
  host: HostName,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  for await (const [, bytes] of readPlans(published, [host], signal)) return bytes;
  return undefined;
}

interface Branch {
  readonly commit: string;
  readonly files: ReadonlyMap<string, Entry>;
  readonly rootFiles: readonly Entry[];
  readonly plans: ReadonlyMap<HostName, string>;
}

async function readBranch(
  repository: string,
  ref: string,
  signal: AbortSignal,
): Promise<Verdict<Branch>> {
  const commit = await commitOf(repository, ref, signal);
  if (commit === undefined) {
    return denied("release/no-branch", `${repository} has no ${ref}.`);
  }
  const files = await filesOf(repository, commit, signal);
  const rootFiles: Entry[] = [];
  for (let file = files.get("metadata/1.root.json"); file !== undefined; ) {
    const wrong = faultOf(`root ${rootFiles.length + 1}`, file, deliveryLimits.root);
    if (wrong !== undefined) return wrong;
    rootFiles.push(file);
    file = files.get(`metadata/${rootFiles.length + 1}.root.json`);
  }
  if (rootFiles.length === 0 || rootFiles.length > MAX_ROOTS) {
    return denied(
      "release/malformed",
      `The branch holds ${rootFiles.length} roots of trust; it must hold 1 to ${MAX_ROOTS}, from metadata/1.root.json on.`,
    );
  }
  const plans = plansOf(files);
  return plans.ok ? accepted({ commit, files, rootFiles, plans: plans.value }) : plans;
}

function plansOf(files: ReadonlyMap<string, Entry>): Verdict<ReadonlyMap<HostName, string>> {
  const plans = new Map<HostName, string>();
  for (const [path, file] of files) {
    if (!path.startsWith("plans/")) continue;
    const host = path.endsWith(".json") ? parseHostName(path.slice(6, -5)) : undefined;
    if (host === undefined) {
      return denied("release/malformed", `${JSON.stringify(path)} is no plan of a host.`);
    }
    const wrong = faultOf(path, file, deliveryLimits.plan);
    if (wrong !== undefined) return { ...wrong, hosts: [host] };
    plans.set(host, file.id);
  }
  // Git sorts whole paths, in which `a-b.json` stands before `a.json`.
  return accepted(new Map([...plans].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** What is wrong with a file before it is read. */
function faultOf(name: string, file: Entry | undefined, limit: number): Denied | undefined {
  if (file === undefined) return denied("release/malformed", `${name} is missing.`);
  if (!file.plain) return denied("release/malformed", `${name} is no plain file.`);
  // Endless data: what is larger than any agent accepts is never read.
  return file.size <= limit
    ? undefined
    : denied("release/malformed", `${name} has ${file.size} bytes; ${limit} are allowed.`);
}

async function contentsOf(
  repository: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const contents: Buffer[] = [];
  for await (const bytes of readObjects(repository, ids, signal)) {
    if (bytes === undefined) throw new Error("impossible: git lists a file that it cannot read");
    contents.push(bytes);
  }
  return contents;
}
