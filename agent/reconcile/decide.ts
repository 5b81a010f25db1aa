import type { Digest } from "@millwright/schema";
import { needsOf, type Wanted } from "./wanted.ts";

/**
 * The life of an instance:
 *
 *   (missing) ──fetch──▶ (bytes here) ──start──▶ loaded ──smoke──▶ proved ──shift──▶ serving
 *                                                  │                 │                 │ shift, drain
 *                                                  └──────stop───────┴─────────────▶ draining ──stop──▶ (gone)
 */
export type InstanceState = "loaded" | "proved" | "serving" | "draining";

export interface ObservedInstance {
  readonly digest: Digest;
  readonly deployment: string;
  readonly replica: number;
  readonly state: InstanceState;
  /** Requests that it is answering. */
  readonly leases: number;
}

/** What is the case on this host. */
export interface Observed {
  readonly blobs: ReadonlySet<Digest>;
  readonly instances: readonly ObservedInstance[];
  /** When what failed (bytes or specifications, by digest) may be tried again. Milliseconds since the Unix epoch. */
  readonly retryAt: ReadonlyMap<Digest, number>;
  /** Another plan serves meanwhile: traffic moves only when all of the new one is proved. Otherwise each part serves as soon as it can. */
  readonly guarded: boolean;
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
  const have = new Map(observed.instances.map((instance) => [instance.digest, instance]));
  const isWanted = new Set(wanted.map(({ digest }) => digest));
  const unwanted = observed.instances.filter(({ digest }) => !isWanted.has(digest));
  const missing = wanted.filter(({ digest }) => !have.has(digest));
  const isDue = (digest: Digest) => (observed.retryAt.get(digest) ?? 0) <= now;
  const isHere = (item: Wanted) => needsOf(item).every((digest) => observed.blobs.has(digest));
  const isProved = (item: Wanted) =>
    ["proved", "serving"].includes(have.get(item.digest)?.state ?? "");

  const fetches = [...new Set(missing.flatMap(needsOf))]
    .filter((blob) => !observed.blobs.has(blob) && isDue(blob))
    .map((blob): Step => ({ kind: "fetch", blob }));

  // What must make room for its successor goes last: only when everything else of the plan is known to work.
  const beside = wanted.filter(({ planned }) => planned.upgrade === "beside");
  const prepared = beside.every(isProved) && missing.every(isHere);
  const starts = missing
    .filter((item) => isHere(item) && isDue(item.digest))
    .flatMap((item): Step[] => {
      if (item.planned.upgrade === "beside") return [{ kind: "start", wanted: item }];
      const rivals = unwanted.filter(
        (rival) => rival.deployment === item.deployment && rival.replica === item.replica,
      );
      if (rivals.length === 0) return [{ kind: "start", wanted: item }];
      if (!prepared) return [];
      return rivals
        .filter(({ state }) => state === "serving")
        .map(({ digest }): Step => ({ kind: "drain", digest }));
    });

  const smokes = wanted
    .filter(({ digest }) => have.get(digest)?.state === "loaded")
    .map((item): Step => ({ kind: "smoke", wanted: item }));

  const stops = unwanted
    .filter(
      ({ state, leases }) =>
        state === "loaded" || state === "proved" || (state === "draining" && leases === 0),
    )
    .map(({ digest }): Step => ({ kind: "stop", digest }));

  return [
    ...fetches,
    ...starts,
    ...smokes,
    ...shifts(wanted, unwanted, have, observed.guarded),
    ...stops,
  ];
}

/** Which proved instances get traffic now, and which old ones lose it. */
function shifts(
  wanted: readonly Wanted[],
  unwanted: readonly ObservedInstance[],
  have: ReadonlyMap<Digest, ObservedInstance>,
  guarded: boolean,
): readonly Step[] {
  const stateOf = ({ digest }: Wanted) => have.get(digest)?.state;
  const isReady = (item: Wanted) => stateOf(item) === "proved" || stateOf(item) === "serving";
  const whole = wanted.every(isReady);
  const groups = Map.groupBy(wanted, ({ deployment }) => deployment);
  const served = new Set(
    unwanted.filter(({ state }) => state === "serving").map(({ deployment }) => deployment),
  );
  const moving = [...groups].filter(([deployment, items]) => {
    if (whole) return true;
    // Nobody answers for it any more, so waiting for the others would help nobody.
    return !served.has(deployment) ? items.some(isReady) : !guarded && items.every(isReady);
  });
  const serve = moving.flatMap(([, items]) =>
    items.filter((item) => stateOf(item) === "proved").map(({ digest }) => digest),
  );
  const leaving = new Set(
    moving.filter(([, items]) => items.every(isReady)).map(([deployment]) => deployment),
  );
  const drain = unwanted
    .filter(({ state, deployment }) => state === "serving" && (whole || leaving.has(deployment)))
    .map(({ digest }) => digest);
  return serve.length > 0 || drain.length > 0 ? [{ kind: "shift", serve, drain }] : [];
}

/** Everything that is wanted serves, and nothing else is here. */
export function isSettled(wanted: readonly Wanted[], { instances }: Observed): boolean {
  const serving = new Set(
    instances.filter(({ state }) => state === "serving").map(({ digest }) => digest),
  );
  return instances.length === wanted.length && wanted.every(({ digest }) => serving.has(digest));
}
