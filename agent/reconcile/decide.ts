import type { Digest } from "@millwright/schema";
import { isRival, isSamePlace } from "./rivals.ts";
import { crowdOf, isThere, type Room, sharesPlace } from "./room.ts";
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
  /** The name by which callers ask for its adapter; absent: it is the deployment itself. */
  readonly adapterName?: string;
  /** What its process holds: what has the same can be a context beside it. */
  readonly weights: Digest;
  /** The same for all processes that took the place of one another; and which of them it is. */
  readonly lineage: Digest;
  readonly generation: number;
  /** When its process started, in milliseconds since the Unix epoch, and how many requests it has answered. */
  readonly since: number;
  readonly answered: number;
  readonly gpus: readonly number[];
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
  /** What is free; absent where nobody knows, and the plan is believed. */
  readonly room?: Room;
  /** What found no room beside, so that others were drained for it. It lasts as long as the plan. */
  readonly pressed?: ReadonlySet<Digest>;
}

export type Step =
  | { readonly kind: "fetch"; readonly blob: Digest }
  | { readonly kind: "start"; readonly wanted: Wanted }
  | { readonly kind: "smoke"; readonly wanted: Wanted }
  /** Traffic moves, all at once. */
  | { readonly kind: "shift"; readonly serve: readonly Digest[]; readonly drain: readonly Digest[] }
  /** No new requests; those that run are finished. */
  | {
      readonly kind: "drain";
      readonly digest: Digest;
      /** For whom, where there is no room beside. */
      readonly pressed?: Wanted;
    }
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
  /** It can be loaded while what it replaces goes on. */
  isBeside(item: Wanted): boolean;
  /** It found no room beside what is there. */
  isPressed(item: Wanted): boolean;
  /** What must be gone before it is started. */
  inTheWayOf(item: Wanted): readonly ObservedInstance[];
  /** Whether there is room for one more beside all that is missing. */
  hasRoom(item: Wanted): boolean;
}

function sceneOf(wanted: readonly Wanted[], observed: Observed, now: number): Scene {
  const { blobs, instances, retryAt, former, room, pressed = nobody } = observed;
  const states = new Map(instances.map(({ digest, state }) => [digest, state]));
  const isWanted = new Set(wanted.map(({ digest }) => digest));
  const missing = wanted.filter(({ digest }) => !states.has(digest));
  const unwanted = instances.filter(({ digest }) => !isWanted.has(digest));
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
  const loading = [
    ...wanted,
    ...(former ?? []).filter(({ digest }) => !isWanted.has(digest)),
  ].filter((item) => stateOf(item) === "starting");
  const crowd = crowdOf(missing, loading, unwanted, instances, room, pressed);
  const { crowded, admitted } = crowd;
  const isPressed = ({ digest }: Wanted) => crowded.has(digest) || pressed.has(digest);
  const isBeside = (item: Wanted): boolean =>
    !isPressed(item) &&
    (item.planned.upgrade === "beside" ||
      // The weights stay where they are, whatever the plan says of loading them.
      instances.some((other) => other.weights === item.weights && isThere(other)));
  const prepared = wanted.filter(isBeside).every(isReady) && missing.every(isHere);
  const inTheWayOf = (item: Wanted): readonly ObservedInstance[] => {
    if (isBeside(item)) return [];
    const others = unwanted.filter(({ digest }) => digest !== item.digest);
    const rivals = others.filter((other) => isRival(other, item));
    // What it replaces goes first. Where that is not enough, whatever else the plan does without.
    if (rivals.length > 0 || !isPressed(item) || admitted.has(item.digest)) return rivals;
    return others.filter((other) => sharesPlace(other.gpus, item.spec.gpus));
  };
  const whole = wanted.every(isReady);
  /** Its successor answers already, or has been given its room. */
  const isReplaced = (item: Wanted) => {
    const hasRoomOf = (other: Wanted) => prepared || stateOf(other) !== undefined;
    if (wanted.some((other) => isSamePlace(other, item) && stateOf(other) === "serving"))
      return true;
    if (wanted.some((other) => isRival(item, other) && !isBeside(other) && hasRoomOf(other)))
      return true;
    // One that pressed it out while it had no successor, or before that was ready.
    return wanted.some(
      (other) =>
        isPressed(other) && sharesPlace(other.spec.gpus, item.spec.gpus) && hasRoomOf(other),
    );
  };
  const kept = whole
    ? []
    : (former ?? []).filter((item) => !isWanted.has(item.digest) && !isReplaced(item));
  const isFormer = new Set((former ?? []).map(({ digest }) => digest));
  const upheld = (former ?? []).filter((item) => isWanted.has(item.digest) || kept.includes(item));
  const strays = unwanted.filter(
    ({ digest, deployment }) =>
      !isFormer.has(digest) &&
      upheld.filter((item) => item.deployment === deployment).every(isReady),
  );
  return {
    ...{ wanted, missing, unwanted, kept, prepared, whole, stateOf, isReady, isHere },
    ...{ isToShow, isDue, isBeside, isPressed, inTheWayOf },
    hasRoom: crowd.admit,
    guarded: former !== undefined,
    strays: new Set(former === undefined ? [] : strays.map(({ digest }) => digest)),
  };
}

const nobody: ReadonlySet<Digest> = new Set();

function starts(scene: Scene): readonly Step[] {
  const { missing, kept, prepared } = scene;
  const isAble = (item: Wanted) => scene.isHere(item) && scene.isDue(item.digest);
  /** Moved as a whole by a shift, so that nobody asks in vain in between. */
  const moves = (deployment: string) =>
    scene.wanted.some((item) => item.deployment === deployment) &&
    scene.wanted.filter((item) => item.deployment === deployment).every(scene.isReady);
  const coming = missing.filter(isAble).flatMap((item): Step[] => {
    const inTheWay = scene.inTheWayOf(item);
    if (inTheWay.length === 0) return [{ kind: "start", wanted: item }];
    const pressed = scene.isPressed(item) && { pressed: item };
    return inTheWay
      .filter(({ state, deployment }) => prepared && state === "serving" && !moves(deployment))
      .map(({ digest }): Step => ({ kind: "drain", digest, ...pressed }));
  });
  return [...coming, ...bridges(scene, kept.filter(isAble))];
}
/** What of the former plan was lost, and is started again until the new one can take its place. */
function bridges(scene: Scene, able: readonly Wanted[]): readonly Step[] {
  return able
    .filter((item) => scene.stateOf(item) === undefined)
    .flatMap((item): Step[] => {
      const rivals = scene.unwanted.filter(
        (rival) => rival.digest !== item.digest && isRival(rival, item),
      );
      const isFree = item.planned.upgrade === "beside" || rivals.length === 0;
      if (isFree) return scene.hasRoom(item) ? [{ kind: "start", wanted: item }] : [];
      return rivals
        .filter(({ state }) => scene.prepared && state === "serving")
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
  const pressing = scene.prepared
    ? scene.missing.flatMap(scene.inTheWayOf).map(({ deployment }) => deployment)
    : [];
  const moving = [...groups].filter(([deployment, items]) => {
    if (whole) return true;
    // Its old ones must make room for another deployment, and its new ones answer already.
    if (pressing.includes(deployment) && items.every(scene.isReady)) return true;
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
