import type { Delivery } from "@millwright/schema";
import { RemoteConfigStatuses } from "@millwright/schema/opamp";
import { type Clock, Failure, type Service } from "../life/life.ts";

/** What became of a delivery. */
export type Offered =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** How it stands with the newest configuration that a hub offered. */
export interface ConfigState {
  readonly lastRemoteConfigHash: Uint8Array;
  readonly status: RemoteConfigStatuses;
  readonly errorMessage: string;
}

export interface Offers {
  /** Takes an offer; one that has not had its turn yet is replaced. */
  take(delivery: Delivery, hash: Uint8Array): void;
  state(): ConfigState | undefined;
  readonly run: Service;
}

/** A hub that offers without end must not keep the host busy. */
const SPACING_MS = 250;
/** When the world failed (a full disk), not the offer: how soon it is tried again, and how seldom at last. */
const FIRST_AGAIN_MS = 5_000;
const LAST_AGAIN_MS = 300_000;
/** The longest hash that is echoed; ours have 32 bytes. */
const MAX_HASH = 64;

export function offersOf(
  offered: (delivery: Delivery, hash: Uint8Array) => Promise<Offered>,
  clock: Clock,
  changed: () => void,
): Offers {
  let pending: { readonly delivery: Delivery; readonly hash: Uint8Array } | undefined;
  let state: ConfigState | undefined;
  let wake = new AbortController();

  const settle = (hash: Uint8Array, status: RemoteConfigStatuses, errorMessage = "") => {
    state = { lastRemoteConfigHash: hash, status, errorMessage };
    changed();
  };
  let vain = 0;
  const judge = async (delivery: Delivery, hash: Uint8Array): Promise<Offered> => {
    vain += 1;
    try {
      const answer = await offered(delivery, hash);
      vain = 0;
      return answer;
    } catch (error) {
      // The world failed (a full disk): the hub is told, the host goes on. Anything else is our own error.
      if (!(error instanceof Failure)) throw error;
      return { ok: false, reason: error.code, message: error.message };
    }
  };

  return {
    take(delivery, hash) {
      pending = { delivery, hash: hash.slice(0, MAX_HASH) };
      wake.abort();
    },
    state: () => state,
    async run(signal) {
      const stop = () => wake.abort();
      signal.addEventListener("abort", stop, { once: true });
      while (!signal.aborted) {
        if (pending === undefined) {
          await clock.sleep(3_600_000, wake.signal);
          wake = new AbortController();
          continue;
        }
        const { delivery, hash } = pending;
        pending = undefined;
        // What is offered again (with a fresher timestamp, after a reconnect) is in force while it is proved again.
        const same = state !== undefined && Buffer.from(hash).equals(state.lastRemoteConfigHash);
        if (!same) settle(hash, RemoteConfigStatuses.RemoteConfigStatuses_APPLYING);
        const answer = await judge(delivery, hash);
        if (answer.ok) settle(hash, RemoteConfigStatuses.RemoteConfigStatuses_APPLIED);
        else {
          const why = `${answer.reason}: ${answer.message}`.slice(0, 4_000);
          settle(hash, RemoteConfigStatuses.RemoteConfigStatuses_FAILED, why);
        }
        await clock.sleep(SPACING_MS, signal);
        if (vain === 0 || pending !== undefined || signal.aborted) continue;
        // The hub has said it and need not say it again: it is not refused, only not taken yet.
        await clock.sleep(Math.min(LAST_AGAIN_MS, FIRST_AGAIN_MS * 2 ** (vain - 1)), wake.signal);
        if (wake.signal.aborted) wake = new AbortController();
        pending ??= { delivery, hash };
      }
      signal.removeEventListener("abort", stop);
    },
  };
}
