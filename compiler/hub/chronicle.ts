import type { Clock } from "./clock.ts";
import type { Journal, Severity } from "./journal.ts";
import type { Store } from "./store/store.ts";

/** Something that people will want to know afterwards. */
interface Notable {
  readonly severity: Severity;
  /** `hub/what-happened`, permanent. */
  readonly code: string;
  readonly message: string;
  readonly host?: string;
}

/** Writes it to the journal at once, and to the store so that the page shows it. */
export type Chronicle = (notable: Notable) => Promise<void>;

export function chronicle(store: Store, clock: Clock, journal: Journal): Chronicle {
  return async ({ severity, code, message, host }) => {
    journal(severity, { event: code, host, message });
    const kept = message.slice(0, 4_000);
    await store.events.add({ at: clock.now(), severity, code, message: kept, host: host ?? null });
  };
}
