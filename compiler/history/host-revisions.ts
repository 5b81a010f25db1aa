import { deliveryLimits, type HostName, parseJson, Revision, readerOf } from "@millwright/schema";
import Type from "typebox";
import { type CommitSaid, readCommitObject } from "./commit-object.ts";
import type { ObjectReader } from "./object-reader.ts";

/** A commit of the branch `releases`, as it says: no signature of it has been verified. */
export interface HostRevision {
  /** Absent where revision.json cannot be read. */
  readonly number?: number;
  /** On the branch `releases`. */
  readonly commit: string;
  readonly date: string;
  /** The commit that was released; only its id where git does not have it. */
  readonly source?: CommitSaid | { readonly commit: string };
  /** Ids of the keys whose signatures lie there. */
  readonly signers: readonly string[];
}

/** A plan as it lay at a revision. */
export type PlanThen =
  | { readonly kind: "plan"; readonly value: unknown }
  | { readonly kind: "none" }
  /** Larger than any agent accepts, or no JSON. */
  | { readonly kind: "unreadable" };

const readStatement = readerOf(Revision);
const readSignatures = readerOf(
  Type.Object({ signatures: Type.Array(Type.Object({ keyid: Type.String() })) }),
);
const MOST_SIGNERS = 32;

export async function readHostRevision(
  reader: ObjectReader,
  commit: string,
): Promise<HostRevision> {
  const said = await readCommitObject(reader, commit);
  const statement = readStatement(
    await readJson(reader, `${commit}:revision.json`, deliveryLimits.revision),
  );
  const signed = readSignatures(
    await readJson(reader, `${commit}:metadata/targets.json`, deliveryLimits.targets),
  );
  const revision = statement.ok ? statement.value.predicate : undefined;
  return {
    ...(revision && { number: revision.number }),
    commit,
    date: said?.date ?? "",
    ...(revision && { source: await sourceOf(reader, revision.commit) }),
    signers: signed.ok
      ? signed.value.signatures.slice(0, MOST_SIGNERS).map(({ keyid }) => keyid.slice(0, 64))
      : [],
  };
}

export async function readPlanThen(
  reader: ObjectReader,
  commit: string,
  host: HostName,
): Promise<PlanThen> {
  const object = await reader.read(`${commit}:plans/${host}.json`, deliveryLimits.plan);
  if (object === undefined) return { kind: "none" };
  const value = object.size > deliveryLimits.plan ? undefined : jsonIn(object.bytes);
  return value === undefined ? { kind: "unreadable" } : { kind: "plan", value };
}

async function sourceOf(
  reader: ObjectReader,
  commit: string,
): Promise<CommitSaid | { readonly commit: string }> {
  const known = await readCommitObject(reader, commit);
  if (known === undefined) return { commit };
  const { tree: _, ...said } = known;
  return said;
}

async function readJson(reader: ObjectReader, name: string, most: number): Promise<unknown> {
  const object = await reader.read(name, most);
  return object === undefined || object.size > most ? undefined : jsonIn(object.bytes);
}

function jsonIn(bytes: Buffer): unknown {
  return parseJson(bytes.toString("utf8"));
}
