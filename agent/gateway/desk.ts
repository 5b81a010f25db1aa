import type { Clock } from "../life/life.ts";
import type { Lease, Refusal, Serving } from "../reconcile/reconcile.ts";
import type { Breakers, Candidate } from "../routing/routing.ts";
import { type Engine, EngineError } from "../runner/runner.ts";
import { type ApiError, crowded, errorOfEngine, notReady, stopping } from "./api-error.ts";
import type { FarDesk } from "./far-desk.ts";
import { turnsOf, WAITING, type Waiting } from "./turns.ts";

/** What an engine gave, and the hold on its instance that must be disposed of once no more is wanted. */
export type Served<T> = Held<T> & Disposable;

export type Asked<T> = Served<T> | { readonly ok: false; readonly error: ApiError };

/** Where tasks get an instance: in turn, of the first candidate that can answer. */
export interface Desk {
  /** `param` is the field of the request that holds the prompt. */
  serve<T>(
    name: string,
    param: string,
    who: Waiting,
    ask: (engine: Engine) => Promise<T>,
    candidates: readonly Candidate[],
  ): Promise<Asked<T>>;
  /**
   * Asks out of turn, where there is room now and nobody waits; `undefined` where there is none. Whoever comes
   * meanwhile and finds no room ends it: `ask` is told by the signal.
   */
  spare<T>(
    deployment: string,
    ask: (engine: Engine, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined>;
}

export interface DeskOptions {
  readonly serving: Serving;
  readonly breakers: Breakers;
  readonly clock: Clock;
  /** Where neighbours are asked; absent: nowhere. */
  readonly far?: FarDesk;
}

export function deskOf({ serving, breakers, clock, far }: DeskOptions): Desk {
  const turns = turnsOf();
  const note = (deployment: string, event: Parameters<Breakers["note"]>[1]) =>
    breakers.note(deployment, event, clock.now());
  const placesOf = ({ planned }: Lease) => planned.parallel * planned.instances.length;

  /** The turn of a request at a deployment, and the lease where it need not wait. */
  const turnOn = async (lease: Lease, who: Waiting): Promise<Turn> => {
    const deployment = lineOf(lease);
    const free = turns.free(deployment, placesOf(lease));
    if (free !== undefined) return { ok: true, end: free, lease };
    // An instance is taken when it is its turn: an upgrade would wait for who only waits.
    lease.release();
    const end = await turns.next(deployment, who);
    return end === undefined
      ? { ok: false, error: crowded(deployment, WAITING) }
      : { ok: true, end };
  };

  /** Where an instance is had for a candidate: here, and where there is none, or no room, at a neighbour. */
  const sourcesOf = ({ here, ...wanted }: Candidate, who: Waiting): readonly Source[] => [
    async () => serving.lease(wanted.deployment, wanted.adapter),
    ...(here === true || far === undefined ? [] : [() => far.lease(wanted, who)]),
  ];

  /** Asks one deployment: an instance of it, and another one when that is lost. */
  async function one<T>(
    source: Source,
    first: Lease,
    who: Waiting,
    ask: (engine: Engine) => Promise<T>,
  ): Promise<One<T>> {
    const { deployment } = first;
    // At a neighbour it is our turn already.
    const far: Turn = { ok: true, end: () => undefined, lease: first };
    const turn =
      first.at !== undefined
        ? far
        : await turnOn(first, who).catch((error: unknown): Turn => {
            // Whoever waited has gone, or can wait no longer.
            if (!who.signal.aborted) throw error;
            return { ok: false, error: stopping };
          });
    if (!turn.ok) return { kind: "refused", error: turn.error };
    using held = new DisposableStack();
    held.defer(turn.end);
    let lost: { readonly engine: Engine; readonly error: EngineError } | undefined;
    for (let found = turn.lease ?? (await source()); ; found = await source()) {
      if ("kind" in found)
        // Whoever lost an engine learns that, and not that there is no other.
        return lost === undefined
          ? { kind: "not-ready", reason: found.reason }
          : { kind: "failed", error: lost.error };
      const lease = found;
      try {
        if (lost?.engine === lease.engine) throw lost.error;
        note(deployment, "asked");
        const value = await ask(lease.engine);
        note(deployment, "answered");
        held.defer(lease.release);
        const kept = held.move();
        return { kind: "answered", value, lease, end: () => kept.dispose() };
      } catch (error) {
        lease.release();
        if (!(error instanceof EngineError)) throw error;
        if (isFault(error) && lost?.error !== error) note(deployment, "failed");
        if (error.code !== "engine-lost" || lost !== undefined) return { kind: "failed", error };
        lost = { engine: lease.engine, error };
      }
    }
  }

  return {
    async serve(name, param, who, ask, candidates) {
      const reasons: string[] = [];
      const tried: Tried[] = [];
      let worst: ApiError | undefined;
      /** Of those for which the prompt was too long, the largest. */
      let tooSmall = 0;
      let crowdedError: ApiError | undefined;
      let crowdedAt: string | undefined;
      const sources = candidates.flatMap((candidate) =>
        sourcesOf(candidate, who).map((source) => ({ source, ...candidate })),
      );
      for (const { source, deployment } of sources) {
        // Whose turn did not come at one deployment waits at no other, but at a neighbour's of the same one.
        if (crowdedError !== undefined && deployment !== crowdedAt) break;
        const lease = await source();
        if ("kind" in lease) {
          reasons.push(lease.reason);
          continue;
        }
        if (lease.planned.context <= tooSmall) {
          lease.release();
          continue;
        }
        const { context } = lease.planned;
        const found = await one(source, lease, who, ask);
        switch (found.kind) {
          case "answered": {
            const { value, lease: held, end } = found;
            return { ok: true, value, lease: held, tried, [Symbol.dispose]: end };
          }
          case "refused":
            crowdedError ??= found.error;
            crowdedAt = deployment;
            break;
          case "not-ready":
            reasons.push(found.reason);
            break;
          case "failed": {
            const { error } = found;
            worst ??= errorOfEngine(error, param);
            if (!isFault(error) && error.code !== "prompt-too-long")
              return { ok: false, error: errorOfEngine(error, param) };
            tried.push({ deployment, code: error.code });
            if (error.code === "prompt-too-long") tooSmall = Math.max(tooSmall, context);
            break;
          }
        }
        if (who.signal.aborted) return { ok: false, error: worst ?? stopping };
      }
      return { ok: false, error: crowdedError ?? worst ?? notReady(name, reasons) };
    },
    async spare(deployment, ask, signal) {
      const lease = serving.lease(deployment);
      if ("kind" in lease) return undefined;
      const over = new AbortController();
      const give = () => over.abort();
      const end = turns.spare(lineOf(lease), placesOf(lease), give);
      try {
        if (end === undefined || signal.aborted) return undefined;
        signal.addEventListener("abort", give, { once: true });
        return await ask(lease.engine, over.signal);
      } finally {
        signal.removeEventListener("abort", give);
        lease.release();
        end?.();
      }
    },
  };
}

/** Where requests wait for a lease like this one: each adapter has sequences of its own. */
function lineOf({ deployment, adapter }: Lease): string {
  return adapter === undefined ? deployment : `${deployment}:${adapter}`;
}

/** Whether it is the engine's fault, so that another one may do better. */
function isFault({ code }: EngineError): boolean {
  return code === "engine-lost" || code === "engine-failed";
}

/** A candidate that gave no answer, and the code of the error. */
export interface Tried {
  readonly deployment: string;
  readonly code: string;
}

interface Held<T> {
  readonly ok: true;
  readonly value: T;
  readonly lease: Lease;
  /** Who was asked before. */
  readonly tried: readonly Tried[];
}

type One<T> =
  | { readonly kind: "answered"; readonly value: T; readonly lease: Lease; end(): void }
  | { readonly kind: "refused"; readonly error: ApiError }
  | { readonly kind: "not-ready"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: EngineError };

/** Gives an instance, or says why there is none. */
type Source = () => Promise<Lease | Refusal>;

type Turn =
  | { readonly ok: true; readonly end: () => void; readonly lease?: Lease }
  | { readonly ok: false; readonly error: ApiError };
