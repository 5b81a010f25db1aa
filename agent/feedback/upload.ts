import {
  type Chance,
  type Clock,
  type Conditions,
  Failure,
  type Journal,
  messageOf,
  type Service,
} from "../life/life.ts";
import { type Delivery, offer } from "./hub-request.ts";
import type { Parcel, Source } from "./parcel.ts";

/** How soon what has come is looked for: at first, and when nothing has come for a while. */
const IDLE_MS = 300;
const LONG_IDLE_MS = 2_400;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;

export interface UploadRequest {
  /** Emptied in this order. */
  readonly sources: readonly Source[];
  /** In order of preference, as the plan writes them. */
  readonly hubs: () => readonly string[];
  /** A fresh token for one request. */
  readonly token: (audience: string) => Promise<string>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
}

/** How one round ended. */
type Round =
  | { readonly kind: "idle" }
  | { readonly kind: "moved" }
  | {
      readonly kind: "stuck";
      readonly code: string;
      readonly why: string;
      readonly afterMs: number;
    };

/** Brings everything to a hub, one after the other, until it is acknowledged. A hub that is away is asked ever less often. */
export function upload(request: UploadRequest): Service {
  const { clock, chance, journal, conditions } = request;
  return async (signal) => {
    let stuck = 0;
    let idleMs = IDLE_MS;
    while (!signal.aborted) {
      const round = await once(request, signal);
      if (signal.aborted) break;
      if (round.kind !== "stuck") {
        stuck = 0;
        if (round.kind === "moved") idleMs = IDLE_MS;
        else {
          await clock.sleep(idleMs, signal);
          idleMs = Math.min(2 * idleMs, LONG_IDLE_MS);
        }
        continue;
      }
      stuck += 1;
      const { code, why, afterMs } = round;
      if (stuck === 1) journal("warn", { event: code, reason: why });
      conditions.raise({ code, severity: "warning", message: why });
      // Jitter: a hub that restarts must not meet every host at once.
      const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(stuck - 1, 10));
      await clock.sleep(afterMs + backoff * (0.5 + chance.fraction() / 2), signal);
    }
  };
}

async function once(request: UploadRequest, signal: AbortSignal): Promise<Round> {
  const { sources, journal, conditions } = request;
  try {
    const parcel = await nextOf(sources);
    conditions.clear("feedback/cannot-read");
    if (parcel === undefined) {
      conditions.clear("feedback/upload-waits");
      return { kind: "idle" };
    }
    const { hub, delivery } = await offerAround(request, parcel, signal);
    switch (delivery.kind) {
      case "acknowledged":
        await parcel.done();
        conditions.clear("feedback/upload-waits");
        return { kind: "moved" };
      case "refused": {
        const path = await parcel.setAside();
        const { name } = parcel;
        journal("error", { event: "feedback/refused", name, hub, reason: delivery.reason });
        conditions.raise({
          code: "feedback/refused",
          severity: "error",
          subject: name,
          message: `${hub} refused ${name}: ${delivery.reason}. It lies in ${path}; it is sent again when the agent starts again.`,
        });
        return { kind: "moved" };
      }
      case "later": {
        const waiting = sources.flatMap((source) => source.waiting() ?? []).join(" and ");
        const why = `${hub} does not take feedback: ${delivery.reason}. On this host's disk wait ${waiting}.`;
        return { kind: "stuck", code: "feedback/upload-waits", why, afterMs: delivery.afterMs };
      }
    }
  } catch (error) {
    if (!isOfTheWorld(error)) throw error;
    const why = `What waits for the hub cannot be read: ${messageOf(error)}. Look after the disk of the state folder.`;
    return { kind: "stuck", code: "feedback/cannot-read", why, afterMs: 0 };
  }
}

async function nextOf(sources: readonly Source[]): Promise<Parcel | undefined> {
  for (const source of sources) {
    const parcel = await source.next();
    if (parcel !== undefined) return parcel;
  }
  return undefined;
}

/** The first hub that takes it or refuses it; what the last one said when none does. */
async function offerAround(
  { hubs, token }: UploadRequest,
  parcel: Parcel,
  signal: AbortSignal,
): Promise<{ readonly hub: string; readonly delivery: Delivery }> {
  let hub = "No hub";
  let delivery: Delivery = { kind: "later", reason: "the plan names none", afterMs: 0 };
  for (hub of hubs()) {
    delivery = await offer(hub, parcel, token, signal);
    if (delivery.kind !== "later" || signal.aborted) break;
  }
  return { hub, delivery };
}

/** A disk that is full or broken, not an error of ours. */
function isOfTheWorld(error: unknown): boolean {
  return error instanceof Failure || (error instanceof Error && "syscall" in error);
}
