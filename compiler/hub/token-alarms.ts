import type { Admit, KnownHost } from "./admit/admit.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Journal } from "./journal.ts";

/** What no host of the fleet shows whose key and clock are right, and what it means. */
const meanings: Readonly<Record<string, string>> = {
  "hub/replayed-token":
    "Somebody has read along a token of a host and tried it again. Look who stands between the hosts and this hub.",
  "hub/renamed-host": "Until then the host is on its own.",
  "hub/bad-token":
    "Either the clock of a host is wrong, or somebody without its key speaks in its name. The log of the hub counts them.",
};
/** Whoever tries a thousand must not fill the database, nor push other events from the page. */
const EVERY_MS = 60_000;

/** Admits as before, and lets people see when somebody tries tokens that are not theirs. */
export function withAlarms<H extends KnownHost>(
  admit: Admit<H>,
  note: Chronicle,
  journal: Journal,
): Admit<H> {
  const told = new Map<string, number>();
  return async (authorization, now) => {
    const admitted = await admit(authorization, now);
    if (admitted.ok) return admitted;
    const { code, message } = admitted;
    const meaning = meanings[code];
    if (meaning === undefined || isFresh(told.get(code), now)) return admitted;
    told.set(code, now);
    note({ severity: "warn", code, message: `${message} ${meaning}` }).catch((error: unknown) =>
      journal("error", { event: "hub/event-lost", reason: String(error) }),
    );
    return admitted;
  };
}

function isFresh(last: number | undefined, now: number): boolean {
  return last !== undefined && Math.abs(now - last) < EVERY_MS;
}
