import { adapterNamesOf } from "@millwright/schema";
import type { Lease, Serving } from "../reconcile/reconcile.ts";
import { candidatesOf } from "../routing/routing.ts";
import { type Engine, EngineError } from "../runner/runner.ts";
import {
  type ApiError,
  crowded,
  errorOfEngine,
  notReady,
  type Read,
  stopping,
  unknownModel,
} from "./api-error.ts";
import { turnsOf, WAITING, type Waiting } from "./turns.ts";

/** What an engine gave, and the hold on its instance that must be disposed of once no more is wanted. */
export type Served<T> = Held<T> & Disposable;

export type Asked<T> = Served<T> | { readonly ok: false; readonly error: ApiError };

/** Where tasks get an instance: in turn, and once more when one was lost under them. */
export interface Desk {
  /** `param` is the field of the request that holds the prompt. */
  serve<T>(
    name: string,
    param: string,
    who: Waiting,
    ask: (engine: Engine) => Promise<T>,
  ): Promise<Asked<T>>;
}

export function deskOf(serving: Serving): Desk {
  const turns = turnsOf();

  /** The first candidate that has an instance for it. */
  const leaseFor = (name: string): Read<Lease> => {
    const plan = serving.plan()?.plan;
    if (plan === undefined)
      return { ok: false, error: notReady(name, ["this host has no plan yet"]) };
    const candidates = candidatesOf(plan, name);
    if (candidates === undefined) {
      const named = [...Object.keys(plan.deployments), ...Object.keys(plan.routes)];
      const known = [...named, ...adapterNamesOf(plan)];
      return { ok: false, error: unknownModel(name, known) };
    }
    const reasons: string[] = [];
    for (const { deployment, adapter } of candidates) {
      const lease = serving.lease(deployment, adapter);
      if (!("kind" in lease)) return { ok: true, value: lease };
      reasons.push(lease.reason);
    }
    return { ok: false, error: notReady(name, reasons) };
  };

  /** The turn of a request at what answers the name now, and the lease where it need not wait. */
  const turnFor = async (name: string, who: Waiting): Promise<Turn> => {
    const found = leaseFor(name);
    if (!found.ok) return found;
    const lease = found.value;
    const { planned } = lease;
    // Each adapter has sequences of its own.
    const deployment =
      lease.adapter === undefined ? lease.deployment : `${lease.deployment}:${lease.adapter}`;
    const free = turns.free(deployment, planned.parallel * planned.instances.length);
    if (free !== undefined) return { ok: true, end: free, lease };
    // An instance is taken when it is its turn: an upgrade would wait for who only waits.
    lease.release();
    const end = await turns.next(deployment, who);
    return end === undefined
      ? { ok: false, error: crowded(deployment, WAITING) }
      : { ok: true, end };
  };

  return {
    async serve(name, param, who, ask) {
      const turn = await turnFor(name, who).catch((error: unknown): Turn => {
        // Whoever waited has gone, or can wait no longer.
        if (!who.signal.aborted) throw error;
        return { ok: false, error: stopping };
      });
      if (!turn.ok) return turn;
      using held = new DisposableStack();
      held.defer(turn.end);
      const found = await answer(
        turn.lease === undefined ? leaseFor(name) : { ok: true, value: turn.lease },
        name,
        param,
        ask,
      );
      if (!found.ok) return found;
      held.defer(found.lease.release);
      const kept = held.move();
      return { ...found, [Symbol.dispose]: () => kept.dispose() };
    },
  };

  /** Asks an instance, and another one when that is lost. */
  async function answer<T>(
    first: Read<Lease>,
    name: string,
    param: string,
    ask: (engine: Engine) => Promise<T>,
  ): Promise<Held<T> | { readonly ok: false; readonly error: ApiError }> {
    let lost: { readonly engine: Engine; readonly error: EngineError } | undefined;
    for (let found = first; ; found = leaseFor(name)) {
      // Whoever lost an engine learns that, and not that there is no other.
      if (!found.ok)
        return lost === undefined ? found : { ok: false, error: errorOfEngine(lost.error, param) };
      const lease = found.value;
      const { engine } = lease;
      try {
        if (lost?.engine === engine) throw lost.error;
        return { ok: true, value: await ask(engine), lease };
      } catch (error) {
        lease.release();
        if (!(error instanceof EngineError)) throw error;
        if (error.code !== "engine-lost" || lost !== undefined)
          return { ok: false, error: errorOfEngine(error, param) };
        lost = { engine, error };
      }
    }
  }
}

interface Held<T> {
  readonly ok: true;
  readonly value: T;
  readonly lease: Lease;
}

type Turn =
  | { readonly ok: true; readonly end: () => void; readonly lease?: Lease }
  | { readonly ok: false; readonly error: ApiError };
