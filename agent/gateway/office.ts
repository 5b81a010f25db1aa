import type { Chance, Clock, Journal } from "../life/life.ts";
import type { Serving } from "../reconcile/reconcile.ts";
import type { Breakers } from "../routing/routing.ts";
import type { PeerDesk } from "../store/store.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { Allowances } from "./allowance.ts";
import type { Limits } from "./app.ts";
import type { Callers } from "./callers.ts";
import type { Counter } from "./counts.ts";
import type { Desk } from "./desk.ts";
import type { Recorder } from "./recorder.ts";
import type { RouteCounts } from "./route-counts.ts";
import type { Shadows } from "./shadow.ts";
import type { Timings } from "./timings.ts";

/** What every handler works with. */
export interface Office {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly serving: Serving;
  /** The plan that the host runs now. */
  readonly plan: () => VerifiedPlan | undefined;
  readonly recorder: Recorder;
  readonly desk: Desk;
  /** Which deployments fail often. */
  readonly breakers: Breakers;
  readonly routeCounts: RouteCounts;
  readonly shadows: Shadows;
  readonly callers: Callers;
  readonly allowances: Allowances;
  readonly counter: Counter;
  readonly timings: Timings;
  /** Where other hosts of the site ask for models; absent: nowhere. */
  readonly peers?: PeerDesk;
  /** How long clients may take; the usual times when absent. */
  readonly limits?: Limits;
  /** New tasks are refused. */
  readonly closed: () => boolean;
  /** Aborts when what still flows can be waited for no longer. */
  readonly deadline: AbortSignal;
}
