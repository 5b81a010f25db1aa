import { type Engine, EngineError } from "../engine.ts";
import { digestOfSpec, type RunnerSpec, weightsOf } from "../spec.ts";
import type { Backend, Context } from "./backend.ts";

/** The contexts of this process: what it loaded its weights for, and what was opened beside that. */
export interface Contexts {
  /** What is open now. */
  specs(): readonly RunnerSpec[];
  /** Requests that were begun, of all contexts. */
  answered(): number;
  /** Begins a request. `of`: a specification's digest; absent: the first one. Throws EngineError when it is not open. */
  enter(of: string | undefined, over: AbortController): Visit;
  /** Throws when the engine cannot, or the weights are others. */
  open(spec: RunnerSpec): Promise<void>;
  /** Ends what it still answers, and gives back its memory. */
  close(digest: string): Promise<void>;
}

/** A request inside a context. */
export interface Visit {
  readonly engine: Engine;
  leave(): void;
}

interface Open {
  readonly spec: RunnerSpec;
  readonly context: Engine & { readonly close?: Context["close"] };
  /** What is being answered. */
  readonly visits: Set<AbortController>;
  closing?: { readonly idle: () => void };
}

export function contextsOf(spec: RunnerSpec, backend: Backend): Contexts {
  const first = digestOfSpec(spec);
  const contexts = new Map<string, Open>([[first, { spec, context: backend, visits: new Set() }]]);
  let answered = 0;
  /** An engine is not asked for two contexts at once: each looks at what memory is left. */
  let turn: Promise<unknown> = Promise.resolve();

  const open = async (wanted: RunnerSpec): Promise<void> => {
    const digest = digestOfSpec(wanted);
    if (contexts.has(digest)) return;
    if (backend.beside === undefined)
      throw new EngineError("unsupported", "This engine opens no second context.");
    if (weightsOf(wanted) !== weightsOf(spec))
      throw new EngineError("unsupported", "A context beside differs in its adapter alone.");
    contexts.set(digest, {
      spec: wanted,
      context: await backend.beside(wanted),
      visits: new Set(),
    });
  };

  return {
    answered: () => answered,
    specs: () => [...contexts.values()].map((each) => each.spec),
    enter(of = first, over) {
      const found = contexts.get(of);
      if (found === undefined || found.closing !== undefined)
        throw new EngineError("engine-lost", "The context that was asked has been closed.");
      found.visits.add(over);
      answered += 1;
      return {
        engine: found.context,
        leave() {
          found.visits.delete(over);
          if (found.visits.size === 0) found.closing?.idle();
        },
      };
    },
    open(wanted) {
      const opened = turn.then(() => open(wanted));
      turn = opened.catch(() => undefined);
      return opened;
    },
    async close(digest) {
      // It may be called off while it is being opened.
      await turn;
      const found = contexts.get(digest);
      if (found === undefined || found.closing !== undefined) return;
      // Closed under a request, the engine would read memory that is no longer its own.
      await new Promise<void>((idle) => {
        found.closing = { idle };
        if (found.visits.size === 0) idle();
        for (const over of found.visits) over.abort();
      });
      await found.context.close?.();
      contexts.delete(digest);
    },
  };
}
