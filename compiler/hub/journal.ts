/** What happened, as an event with a name (`hub/what-happened`) and facts. Never a secret, never a caller's text. */
interface HappenedEvent {
  readonly event: string;
  readonly [fact: string]: string | number | boolean | null | undefined | readonly string[];
}

export type Severity = "info" | "warn" | "error";

/** Takes note of what happened. Never throws, never waits. */
export type Journal = (severity: Severity, event: HappenedEvent) => void;
