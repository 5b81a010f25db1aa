import type { KeyObject } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Digest,
  type HostName,
  HostPlan,
  hexOf,
  parseDigest,
  parseJson,
  readerOf,
} from "@millwright/schema";
import { Failure } from "../failure.ts";
import {
  deliveryFor,
  onlineMetadata,
  RELEASES,
  readPlan,
  reasons,
  type VerifiedRevision,
  verifyBranch,
} from "../release/release.ts";
import { copyBlob } from "./copy-blob.ts";
import { findBlob } from "./find-blob.ts";
import { demandFree, demandRoom, wholeFolder, writeDurable } from "./whole-folder.ts";

export interface BundleRequest {
  readonly repository: string;
  readonly onlineKey: KeyObject;
  readonly host: HostName;
  /** The folder to be made. */
  readonly folder: string;
  /** The fingerprint of the first root; absent: the branch's own is believed. */
  readonly pinned?: Digest;
  /** A folder in which models are looked for first. */
  readonly models?: string;
  /** False: for a host that has the models already. */
  readonly withModels: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly progress: (name: string, bytes: number, of: number) => void;
}

export interface Made {
  readonly host: HostName;
  readonly revision: number;
  readonly commit: string;
  readonly folder: string;
  /** The host refuses it from then on. Milliseconds since the Unix epoch. */
  readonly until: number;
  readonly models: readonly {
    readonly name: string;
    readonly digest: Digest;
    readonly size: number;
    readonly from: string;
  }[];
}

const readHostPlan = readerOf(HostPlan);

export async function makeBundle(request: BundleRequest, signal: AbortSignal): Promise<Made> {
  const { repository, host, folder, now, onlineKey } = request;
  await demandFree(folder);
  const verified = await verifiedRevision(request, signal);
  const { published, root, expires } = verified;
  const bytes = await readPlan(published, host, signal);
  if (bytes === undefined) throw noSuchHost(verified, host);
  // A timestamp lives a day, for whoever gets hold of the bundle could show it to any host for as long.
  const online = onlineMetadata({
    root: published.roots.at(-1) ?? Buffer.alloc(0),
    ...{ targetsBytes: published.targets, targetsVersion: published.number, onlineKey, now },
  });
  const delivery = deliveryFor({ verified, online, host, plan: bytes });
  const plan = readHostPlan(parseJson(bytes.toString("utf8")));
  if (delivery === undefined || !plan.ok) throw new Error("impossible: a verified plan is none");
  const { commit } = published.revision.predicate;
  const models = await wholeFolder(folder, async (inside) => {
    for (const [name, content] of delivery) await writeDurable(join(inside, name), content);
    if (!request.withModels) return [];
    return addModels(inside, { ...request, repository, commit, blobs: plan.value.blobs }, signal);
  });
  const until = Math.min(online.expires, expires, root.trust.expires);
  return { host, revision: published.number, commit, folder, until, models };
}

async function verifiedRevision(
  { repository, pinned, now }: BundleRequest,
  signal: AbortSignal,
): Promise<VerifiedRevision> {
  const verdict = await verifyBranch(
    { repository, ref: RELEASES, now, ...(pinned !== undefined && { pinned }) },
    signal,
  );
  if (verdict.ok) return verdict.value;
  const { reason, message } = verdict;
  throw new Failure(
    reason,
    `The newest revision cannot be bundled: ${message} ${reasons[reason]} The branch may be old: git fetch origin releases:releases.`,
  );
}

function noSuchHost({ published }: VerifiedRevision, host: HostName): Failure {
  const names = [...published.plans.keys()];
  const shown = names.length === 0 ? "no host" : names.slice(0, 8).join(", ");
  const more = names.length > 8 ? `, and ${names.length - 8} more` : "";
  return new Failure(
    "bundle/no-such-host",
    `Revision ${published.number} has no plan for ${host}. It has plans for ${shown}${more}. Enrol the host and release, or name another.`,
  );
}

type Wanted = Pick<BundleRequest, "repository" | "models" | "progress"> & {
  readonly commit: string;
  readonly blobs: HostPlan["blobs"];
};

async function addModels(
  inside: string,
  { blobs, progress, ...where }: Wanted,
  signal: AbortSignal,
): Promise<Made["models"]> {
  const folder = join(inside, "blobs", "sha256");
  await mkdir(folder, { recursive: true });
  const needed = Object.values(blobs).reduce((sum, { size }) => sum + size, 0);
  await demandRoom(folder, needed);
  const made: Made["models"][number][] = [];
  for (const [text, { name, size, sources }] of Object.entries(blobs)) {
    const digest = parseDigest(text);
    if (digest === undefined) throw new Error("impossible: a plan was read that names no digest");
    const from = await copyBlob(
      findBlob({ ...where, digest, size, sources }, signal),
      { digest, name, size, path: join(folder, hexOf(digest)) },
      (done) => progress(name, done, size),
      signal,
    );
    made.push({ name, digest, size, from });
  }
  return made;
}
