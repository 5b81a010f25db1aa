import { pathToFileURL } from "node:url";
import { type Digest, type HostPlan, parseDigest } from "@millwright/schema";
import { type Conditions, Failure, type Journal } from "../life/life.ts";
import type { Store } from "../store/store.ts";
import type { Trust, VerifiedPlan } from "../trust/trust.ts";
import { type Bundle, readBundle } from "./read-bundle.ts";
import { type BundleRefusal, type Refused, refused } from "./refusal.ts";

export type Applied =
  | {
      readonly ok: true;
      /** The revision that this host wants from now on. */
      readonly revision: number;
      /** The plan that was wanted before is this one. */
      readonly known: boolean;
      /** The models that the bundle brought. */
      readonly models: readonly string[];
    }
  | Refused;

export interface ApplyRequest {
  readonly trust: Pick<Trust, "accepted" | "judge" | "offer">;
  readonly store: Pick<Store, "has" | "fetch">;
  readonly conditions: Conditions;
  readonly journal: Journal;
  /** Called now and then while a model is copied. Bytes. */
  readonly progress: (name: string, bytes: number, of: number) => void;
}

/** What is wrong with a bundle holds until a sound one is applied, or the agent restarts. */
const ALARM_SUBJECT = "bundle";
const codes: readonly BundleRefusal[] = [
  "bundle/not-plain",
  "bundle/unknown-file",
  "bundle/too-large",
  "bundle/too-many",
  "bundle/missing-model",
  "bundle/wrong-model",
];

/** Takes a bundle as a delivery is taken. Throws a `Failure` when the disk, or the folder, fails. */
export async function applyBundle(
  folder: string,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<Applied> {
  const { trust, conditions, journal } = request;
  const raise = (wrong: Refused<BundleRefusal>): Refused => {
    const { reason: code, message } = wrong;
    conditions.raise({ code, subject: ALARM_SUBJECT, severity: "error", message });
    journal("error", { event: "bundle/refused", reason: code, message });
    return wrong;
  };
  const reading = await readBundle(folder);
  if (!reading.ok) return raise(reading);
  const { bundle } = reading;
  // Nothing is copied for a plan that nobody signed: a bundle must not fill the disk.
  const verdict = await trust.judge(bundle.delivery);
  if (!verdict.ok) return refusalOf(verdict);
  const before = trust.accepted();
  const wrong = await unfit(verdict.verified.plan, bundle, request.store);
  if (wrong) return raise(wrong);
  const brought = await take(verdict.verified, bundle, request, signal);
  if (!brought.ok) return raise(brought);
  const accepted = await trust.offer(bundle.delivery);
  if (!accepted.ok) return refusalOf(accepted);
  // What was copied before the plan counted may have been swept away meanwhile as wanted by nobody.
  const again = await take(accepted.verified, bundle, request, signal);
  if (!again.ok) return raise(again);
  for (const code of codes) conditions.clear(code, ALARM_SUBJECT);
  const { number: revision } = accepted.verified.revision.predicate;
  const known = before?.revision.predicate.number === revision;
  journal("info", { event: "bundle/applied", revision, models: brought.names });
  return { ok: true, revision, known, models: brought.names };
}

/** Trust has raised its alarm itself. */
function refusalOf({ reason, message }: Refused): Refused {
  return { ok: false, reason, message };
}

/** Holds the models of the bundle against the plan that people signed, before one of them is read. */
async function unfit(
  { blobs }: HostPlan,
  bundle: Bundle,
  store: ApplyRequest["store"],
): Promise<Refused<BundleRefusal> | undefined> {
  for (const [digest, { size }] of bundle.blobs) {
    const planned = blobs[digest];
    // Smuggled files: nothing goes into the store that the plan does not name.
    if (planned === undefined)
      return refused("bundle/unknown-file", `The plan does not name ${digest}.`);
    if (planned.size !== size)
      return refused(
        "bundle/wrong-model",
        `${planned.name} has ${size} bytes in the bundle and ${planned.size} in the plan.`,
      );
  }
  for (const [name, digest] of named(blobs)) {
    if (bundle.blobs.has(digest) || (await store.has(digest))) continue;
    return refused("bundle/missing-model", `${name} (${digest}) is not here.`);
  }
  return undefined;
}

async function take(
  { plan }: VerifiedPlan,
  bundle: Bundle,
  { store, progress }: ApplyRequest,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly names: readonly string[] } | Refused<BundleRefusal>> {
  const names: string[] = [];
  for (const [name, digest] of named(plan.blobs)) {
    const bundled = bundle.blobs.get(digest);
    if (bundled === undefined || (await store.has(digest))) continue;
    const { size, path } = bundled;
    const blob = { name, size, sources: [pathToFileURL(path).href] };
    try {
      // The store believes nothing but the digest of what it has written, whatever the path has come to lead to.
      await store.fetch(digest, blob, (bytes) => progress(name, bytes, size), signal);
    } catch (error) {
      if (error instanceof Failure && error.code === "store/wrong-digest")
        return refused("bundle/wrong-model", `${name} in the bundle has other bytes than signed.`);
      throw error;
    }
    names.push(name);
  }
  return { ok: true, names };
}

function named(blobs: HostPlan["blobs"]): readonly (readonly [string, Digest])[] {
  return Object.entries(blobs).flatMap(([text, { name }]) => {
    const digest = parseDigest(text);
    return digest === undefined ? [] : [[name, digest] as const];
  });
}
