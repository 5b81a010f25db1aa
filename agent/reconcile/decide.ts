import type { Digest } from "@millwright/schema";
import { needsOf, type Wanted } from "./wanted.ts";

/**
 * The life of an instance:
 *
 *   (missing) ──fetch──▶ (bytes here) ──start──▶ starting ──▶ loaded ──smoke──▶ proved ──shift──▶ serving
 *                                                               │                 │         shift, │ ▲ shift,
 *                                                               │                 │          drain ▼ │ when it is wanted again
 *                                                               └──────stop───────┴────────────▶ draining
 *                                                                             │                    │ stop, when its last
 *                                                                             ▼                    ▼ request is finished
 *                                                                          stopping ───────────▶ (gone)
 */
export type InstanceState = "starting" | "loaded" | "proved" | "serving" | "draining" | "stopping";

export interface ObservedInstance {
  readonly digest: Digest;
  readonly deployment: string;
  readonly replica: number;
  readonly state: InstanceState;
  /** Requests that it is answering. */
  readonly leases: number;
  /** The gates that it has passed. */
  readonly passed: ReadonlySet<Digest>;
}

/** What is the case on this host. */
export interface Observed {
  readonly blobs: ReadonlySet<Digest>;
  readonly instances: readonly ObservedInstance[];
  /** When what failed (bytes or specifications, by digest) may be tried again. Milliseconds since the Unix epoch. */
  readonly retryAt: ReadonlyMap<Digest, number>;
  /**
   * What the plan wants that serves meanwhile: traffic moves only when all of the new plan is proved, and until then
   * this is kept up. Absent: no other plan serves, so each part of the new one serves as soon as it can.
   */
  readonly former?: readonly Wanted[];
}

export type Step =
  | { readonly kind: "fetch"; readonly blob: Digest }
  | { readonly kind: "start"; readonly wanted: Wanted }
  | { readonly kind: "smoke"; readonly wanted: Wanted }
  /** Traffic moves, all at once. */
  | { readonly kind: "shift"; readonly serve: readonly Digest[]; readonly drain: readonly Digest[] }
  /** No new requests; those that run are finished. */
  | { readonly kind: "drain"; readonly digest: Digest }
  | { readonly kind: "stop"; readonly digest: Digest };

/** What is to be done next, so that the host becomes what is wanted. No steps: it is, or waits for something. */
export function decide(
  wanted: readonly Wanted[],
  observed: Observed,
  now: number,
): readonly Step[] {
  const scene = sceneOf(wanted, observed, now);
  const fetches = [...new Set(scene.missing.flatMap(needsOf))]
    .filter((blob) => !observed.blobs.has(blob) && scene.isDue(blob))
    .map((blob): Step => ({ kind: "fetch", blob }));
  const smokes = [...wanted, ...scene.kept]
    .filter((item) => scene.isToShow(item))
    .map((item): Step => ({ kind: "smoke", wanted: item }));
  const isKept = new Set(scene.kept.map(({ digest }) => digest));
  const stops = scene.unwanted
    .filter(({ digest }) => !isKept.has(digest))
    .filter(
      ({ state, leases }) =>
        state === "loaded" || state === "proved" || (state === "draining" && leases === 0),
    )
    .map(({ digest }): Step => ({ kind: "stop", digest }));
  return [...fetches, ...starts(scene), ...smokes, ...shifts(scene), ...stops];
}

/** Everything that is wanted serves, and nothing else does. What is drained may still finish its requests: that can take long. */
export function isSettled(wanted: readonly Wanted[], { instances }: Observed): boolean {
  const serving = new Map(
    instances
      .filter(({ state }) => state === "serving")
      .map(({ digest, passed }) => [digest, passed]),
  );
  const isLeaving = ({ state }: ObservedInstance) => state === "draining" || state === "stopping";
  return (
    instances.filter((instance) => !isLeaving(instance)).length === wanted.length &&
    wanted.every(({ digest, gate }) =>
      gate === undefined ? serving.has(digest) : serving.get(digest)?.has(gate) === true,
    )
  );
}

/** The observed, seen from what is wanted. */
interface Scene {
  readonly wanted: readonly Wanted[];
  readonly missing: readonly Wanted[];
  readonly unwanted: readonly ObservedInstance[];
  /** Of the plan that serves meanwhile: what must go on until the new one can take its place. */
  readonly kept: readonly Wanted[];
  /** Left by a plan that was given up half way, and of no use any more: what serves meanwhile answers without them. */
  readonly strays: ReadonlySet<Digest>;
  readonly guarded: boolean;
  /** What must make room for its successor may go: everything else of the plan is known to work. */
  readonly prepared: boolean;
  /** All that is wanted can answer. */
  readonly whole: boolean;
  stateOf(item: Wanted): InstanceState | undefined;
  /** It has passed its gates. */
  isReady(item: Wanted): boolean;
  /** It can answer, and has not passed the gate of its plan: a plan may ask more of what serves already. */
  isToShow(item: Wanted): boolean;
  isHere(item: Wanted): boolean;
  isDue(digest: Digest): boolean;
}

function sceneOf(
  wanted: readonly Wanted[],
  { blobs, instances, retryAt, former }: Observed,
  now: number,
): Scene {
  const states = new Map(instances.map(({ digest, state }) => [digest, state]));
  const isWanted = new Set(wanted.map(({ digest }) => digest));
  const missing = wanted.filter(({ digest }) => !states.has(digest));
  const stateOf = ({ digest }: Wanted) => states.get(digest);
  const passed = new Map(instances.map((instance) => [instance.digest, instance.passed]));
  const canAnswer = (item: Wanted) =>
    ["proved", "serving", "draining"].includes(stateOf(item) ?? "missing");
  const hasPassed = ({ digest, gate }: Wanted) =>
    gate === undefined || passed.get(digest)?.has(gate) === true;
  const isReady = (item: Wanted) => canAnswer(item) && hasPassed(item);
  const isDue = (digest: Digest) => (retryAt.get(digest) ?? 0) <= now;
  const isToShow = (item: Wanted) =>
    stateOf(item) === "loaded" || (canAnswer(item) && !hasPassed(item) && isDue(item.digest));
  const isHere = (item: Wanted) => needsOf(item).every((digest) => blobs.has(digest));
  const prepared =
    wanted.filter(({ planned }) => planned.upgrade === "beside").every(isReady) &&
    missing.every(isHere);
  const whole = wanted.every(isReady);
  /** Its successor answers already, or has been given its room. */
  const isReplaced = (item: Wanted) => {
    const successor = wanted.find((other) => isSamePlace(other, item));
    if (successor === undefined) return false;
    const state = stateOf(successor);
    return (
      state === "serving" ||
      (successor.planned.upgrade === "drain" && (prepared || state !== undefined))
    );
  };
  const kept = whole
    ? []
    : (former ?? []).filter((item) => !isWanted.has(item.digest) && !isReplaced(item));
  const unwanted = instances.filter(({ digest }) => !isWanted.has(digest));
  const isFormer = new Set((former ?? []).map(({ digest }) => digest));
  const upheld = (former ?? []).filter((item) => isWanted.has(item.digest) || kept.includes(item));
  const strays = unwanted.filter(
    ({ digest, deployment }) =>
      !isFormer.has(digest) &&
      upheld.filter((item) => item.deployment === deployment).every(isReady),
  );
  return {
    ...{ wanted, missing, unwanted, kept, prepared, whole, stateOf, isReady, isHere },
    ...{ isToShow, isDue },
    guarded: former !== undefined,
    strays: new Set(former === undefined ? [] : strays.map(({ digest }) => digest)),
  };
}

function isSamePlace(
  a: { readonly deployment: string; readonly replica: number },
  b: { readonly deployment: string; readonly replica: number },
): boolean {
  return a.deployment === b.deployment && a.replica === b.replica;
}

function starts({ missing, kept, unwanted, prepared, ...scene }: Scene): readonly Step[] {
  const lost = kept.filter((item) => scene.stateOf(item) === undefined);
  return [...missing, ...lost]
    .filter((item) => scene.isHere(item) && scene.isDue(item.digest))
    .flatMap((item): Step[] => {
      const rivals = unwanted.filter(
        (rival) => rival.digest !== item.digest && isSamePlace(rival, item),
      );
      if (item.planned.upgrade === "beside" || rivals.length === 0)
        return [{ kind: "start", wanted: item }];
      return rivals
        .filter(({ state }) => prepared && state === "serving")
        .map(({ digest }): Step => ({ kind: "drain", digest }));
    });
}

/** Which proved instances get traffic now, and which old ones lose it. */
function shifts(scene: Scene): readonly Step[] {
  const { wanted, kept, unwanted, strays, guarded, whole } = scene;
  const groups = Map.groupBy(wanted, ({ deployment }) => deployment);
  const served = new Set(
    unwanted.filter(({ state }) => state === "serving").map(({ deployment }) => deployment),
  );
  const moving = [...groups].filter(([deployment, items]) => {
    if (whole) return true;
    // Nobody answers for it any more, so waiting for the others would help nobody.
    return !served.has(deployment)
      ? items.some(scene.isReady)
      : !guarded && items.every(scene.isReady);
  });
  const serve = [...moving.flatMap(([, items]) => items), ...kept]
    .filter((item) => scene.isReady(item) && scene.stateOf(item) !== "serving")
    .map(({ digest }) => digest);
  const leaving = new Set(
    moving.filter(([, items]) => items.every(scene.isReady)).map(([deployment]) => deployment),
  );
  const drain = unwanted
    .filter(({ state }) => state === "serving")
    .filter(({ digest, deployment }) => whole || leaving.has(deployment) || strays.has(digest))
    .map(({ digest }) => digest);
  return serve.length > 0 || drain.length > 0 ? [{ kind: "shift", serve, drain }] : [];
}
