import type { Lease, Serving } from "../reconcile/reconcile.ts";
import { type Engine, EngineError } from "../runner/runner.ts";
import { type ApiError, crowded, errorOfEngine, errorOfRefusal } from "./api-error.ts";

/** How many may wait for a deployment beyond those that its instances answer at the same time. */
const WAITING = 64;

/** What an engine gave, and the hold on its instance that must be disposed of once no more is wanted. */
export interface Served<T> extends Disposable {
  readonly ok: true;
  readonly value: T;
  readonly lease: Lease;
}

export type Asked<T> = Served<T> | { readonly ok: false; readonly error: ApiError };

/** Where tasks get an instance: not more than can be answered soon, and once more when one was lost under them. */
export interface Desk {
  /** `param` is the field of the request that holds the prompt. */
  serve<T>(name: string, param: string, ask: (engine: Engine) => Promise<T>): Promise<Asked<T>>;
}

export function deskOf(serving: Serving): Desk {
  /** Requests that hold an instance of a deployment. */
  const held = new Map<string, number>();

  const hold = (name: string): Asked<undefined> => {
    const lease = serving.lease(name);
    if ("kind" in lease) return { ok: false, error: errorOfRefusal(name, lease) };
    const { deployment, planned } = lease;
    const now = held.get(deployment) ?? 0;
    const working = planned.parallel * planned.instances.length;
    if (now >= working + WAITING) {
      lease.release();
      return { ok: false, error: crowded(deployment, WAITING) };
    }
    held.set(deployment, now + 1);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      const left = (held.get(deployment) ?? 1) - 1;
      if (left > 0) held.set(deployment, left);
      else held.delete(deployment);
      lease.release();
    };
    return { ok: true, value: undefined, lease, [Symbol.dispose]: release };
  };

  return {
    async serve(name, param, ask) {
      let lost: { readonly engine: Engine; readonly error: EngineError } | undefined;
      for (;;) {
        const holding = hold(name);
        // Whoever lost an engine learns that, and not that there is no other.
        if (!holding.ok && lost !== undefined) {
          return { ok: false, error: errorOfEngine(lost.error, param) };
        }
        if (!holding.ok) return holding;
        const { engine } = holding.lease;
        try {
          if (lost?.engine === engine) throw lost.error;
          const value = await ask(engine);
          return { ...holding, value };
        } catch (error) {
          holding[Symbol.dispose]();
          if (!(error instanceof EngineError)) throw error;
          if (error.code !== "engine-lost" || lost !== undefined) {
            return { ok: false, error: errorOfEngine(error, param) };
          }
          lost = { engine, error };
        }
      }
    },
  };
}
