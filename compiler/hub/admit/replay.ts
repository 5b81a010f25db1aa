/** What a host may have used up at any time, so that one host cannot fill the memory. */
const PER_HOST = 1_000;

/** Remembers the ids of tokens until they have expired. */
export interface Replays {
  /** `fresh` once for every id of a host; `full` when the host uses tokens faster than they expire. */
  use(host: string, id: string, until: number, now: number): "fresh" | "used" | "full";
}

export function replays(): Replays {
  const hosts = new Map<string, Map<string, number>>();
  return {
    use(host, id, until, now) {
      const used = hosts.get(host) ?? new Map<string, number>();
      hosts.set(host, used);
      // Ids stand in the order of their use, and tokens live about equally long.
      for (const [old, expires] of used) {
        if (expires > now) break;
        used.delete(old);
      }
      if (used.has(id)) return "used";
      if (used.size >= PER_HOST) return "full";
      used.set(id, until);
      return "fresh";
    },
  };
}
