import { type Clock, Failure, messageOf } from "../life/life.ts";

/** A server that says nothing for so long has gone. */
const STALL_MS = 30_000;

export interface Patience {
  /** Aborts when the caller stops, when the source has been silent for too long, and when it is let go. */
  readonly signal: AbortSignal;
  /** Waits for the source's next sign of life, half a minute unless told. Throws Failure when none comes in time. */
  wait<T>(next: () => Promise<T>, ms?: number): Promise<T>;
  end(): void;
}

/** Slow retrieval: a source that keeps the line open and says nothing is given up. */
export function patienceOf(clock: Clock, signal: AbortSignal): Patience {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  return {
    signal: either,
    end: () => over.abort(),
    async wait(next, ms = STALL_MS) {
      let isLate = false;
      const arrived = new AbortController();
      const alarm = clock.sleep(ms, AbortSignal.any([arrived.signal, signal])).then(() => {
        if (arrived.signal.aborted || signal.aborted) return;
        isLate = true;
        over.abort();
      });
      try {
        return await next();
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof Failure) throw cause;
        const reason = isLate ? `nothing came for ${ms / 1000} s` : reasonOf(cause);
        throw new Failure("store/interrupted", `The transfer broke off: ${reason}.`, { cause });
      } finally {
        arrived.abort();
        await alarm;
      }
    },
  };
}

/** `fetch failed` says nothing; what caused it does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== "" ? cause.message : messageOf(error);
}
