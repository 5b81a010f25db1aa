import { type Clock, Failure } from "../life/life.ts";
import { type ApplyRequest, applyBundle } from "./apply-bundle.ts";
import type { ApplyLine } from "./apply-line.ts";

/** Takes bundles, one after the other, and tells how it goes. Gives the last line. */
export type Counter = (
  folder: string,
  tell: (line: ApplyLine) => void,
  signal: AbortSignal,
) => Promise<ApplyLine>;

export interface CounterRequest extends Omit<ApplyRequest, "progress"> {
  readonly clock: Clock;
  /** A bundle was applied. */
  readonly applied?: () => void;
}

const TELL_EVERY_MS = 500;

export function counterOf(request: CounterRequest): Counter {
  const { clock, applied } = request;
  let turn: Promise<unknown> = Promise.resolve();

  const serve: Counter = async (folder, tell, signal) => {
    let toldAt = clock.now();
    const progress = (model: string, bytes: number, of: number) => {
      if (Math.abs(clock.now() - toldAt) < TELL_EVERY_MS) return;
      toldAt = clock.now();
      tell({ kind: "progress", model, bytes, of });
    };
    try {
      const outcome = await applyBundle(folder, { ...request, progress }, signal);
      if (!outcome.ok) return { kind: "refused", reason: outcome.reason, message: outcome.message };
      applied?.();
      const { revision, known, models } = outcome;
      return { kind: "applied", revision, known, models: [...models] };
    } catch (error) {
      // The world failed (a full disk): whoever asked is told, the host goes on. Anything else is our own error.
      if (!(error instanceof Failure)) throw error;
      return { kind: "failed", code: error.code, message: error.message };
    }
  };
  return (folder, tell, signal) => {
    const served = turn.then(() => serve(folder, tell, signal));
    turn = served.catch(() => undefined);
    return served;
  };
}
