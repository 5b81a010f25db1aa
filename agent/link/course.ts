/**
 *   waiting ──due──▶ dialling ──opened──▶ online
 *      ▲                │ lost               │ lost
 *      └────────────────┴────────────────────┘
 */
export type Course =
  | { readonly kind: "waiting"; readonly attempt: number; readonly until: number }
  | { readonly kind: "dialling"; readonly attempt: number }
  | { readonly kind: "online"; readonly attempt: number; readonly since: number };

export type CourseEvent =
  | { readonly kind: "due" }
  | { readonly kind: "opened" }
  /** `retryAfterMs`: how long the hub asks to be left alone; `windowMs`: over how long its hosts are to spread. */
  | { readonly kind: "lost"; readonly retryAfterMs?: number; readonly windowMs?: number };

/** A connection that ends sooner was no success: a hub that accepts and hangs up is not to be called at once again. */
export const STEADY_MS = 30_000;

export function next(
  course: Course,
  event: CourseEvent,
  now: number,
  delay: (attempt: number, retryAfterMs: number, windowMs: number) => number,
): Course {
  switch (event.kind) {
    case "due":
      return course.kind === "waiting" ? { kind: "dialling", attempt: course.attempt + 1 } : course;
    case "opened":
      return { kind: "online", attempt: course.attempt, since: now };
    case "lost": {
      const steady = course.kind === "online" && now - course.since >= STEADY_MS;
      const attempt = steady ? 0 : course.attempt;
      // Only who was online stands in the crowd that a hub leaves behind; who cannot reach it has its own backoff.
      const windowMs = course.kind === "online" ? (event.windowMs ?? 0) : 0;
      const wait = delay(attempt, event.retryAfterMs ?? 0, windowMs);
      return { kind: "waiting", attempt, until: now + wait };
    }
  }
}
