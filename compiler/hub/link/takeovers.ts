/** So many connections of one host that push out another in so short a time are two machines, not one with a bad line. */
const TAKEOVERS = 4;
const SPAN_MS = 300_000;
/** A person who was told need not be told again so soon. */
const QUIET_MS = 3_600_000;

/** Notices when two machines go by one name and one key: each takes the other's place, for ever. */
export interface Takeovers {
  /** To be called when a connection took another's place. True: people must be told. */
  happened(host: string, now: number): boolean;
}

export function takeovers(): Takeovers {
  const recent = new Map<string, readonly number[]>();
  const told = new Map<string, number>();
  return {
    happened(host, now) {
      const times = [...(recent.get(host) ?? []).filter((at) => now - at < SPAN_MS), now];
      recent.set(host, times.slice(-TAKEOVERS));
      if (times.length < TAKEOVERS || now - (told.get(host) ?? -QUIET_MS) < QUIET_MS) return false;
      told.set(host, now);
      return true;
    },
  };
}
