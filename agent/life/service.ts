/** Returns when `signal` aborts and everything it started has stopped; throws only when it cannot go on. */
export type Service = (signal: AbortSignal) => Promise<void>;

/** Runs services side by side. When one ends, for whatever reason, all are told to stop. */
export async function together(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ends = await Promise.allSettled(
    services.map((run) => run(either).finally(() => stop.abort())),
  );
  const failures = ends.flatMap((end) =>
    end.status === "rejected" ? [end.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, "a service could not go on");
}
