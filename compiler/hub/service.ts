/** Returns when `signal` aborts and everything it started has stopped; throws only when it cannot go on. */
export type Service = (signal: AbortSignal) => Promise<void>;

/** Runs services side by side. When one ends, for whatever reason, all are told to stop. */
export async function together(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ends = await Promise.allSettled(
    services.map((run) => run(either).finally(() => stop.abort())),
  );
  const failures = ends.flatMap((end): unknown[] =>
    end.status === "rejected" ? [end.reason] : [],
  );
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, "the hub could not go on");
}
