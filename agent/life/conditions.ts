import type { Condition } from "@millwright/schema";
import type { Clock } from "./clock.ts";

/** What is the case now: raised by whoever sees it, cleared by the same. Read by status, metrics and the link. */
export interface Conditions {
  /** Raises or renews; `since` stays that of the first raise. */
  raise(condition: Omit<Condition, "since">): void;
  clear(code: string, subject?: string): void;
  list(): readonly Condition[];
}

export function conditionsOf(clock: Clock, changed: () => void = () => undefined): Conditions {
  const current = new Map<string, Condition>();
  const keyOf = (code: string, subject?: string) => `${code} ${subject ?? ""}`;
  return {
    raise(condition) {
      const key = keyOf(condition.code, condition.subject);
      const before = current.get(key);
      if (before?.message === condition.message && before.severity === condition.severity) return;
      current.set(key, { ...condition, since: before?.since ?? clock.now() });
      changed();
    },
    clear(code, subject) {
      if (current.delete(keyOf(code, subject))) changed();
    },
    list: () => [...current.values()],
  };
}
