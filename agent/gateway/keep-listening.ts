import { type Conditions, Failure, type Service } from "../life/life.ts";
import { type Listener, listen, samePort } from "./listener.ts";
import type { Office } from "./office.ts";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
const IDLE_MS = 3_600_000;

export interface ListeningRequest {
  readonly office: Omit<Office, "deadline">;
  readonly conditions: Conditions;
  readonly drainMs: number;
  readonly wanted: string | undefined;
  /** Told where it listens now, or that it does nowhere. */
  readonly moved: (address: string | undefined) => void;
  /** Told that it stops, before it does. */
  readonly stopping: () => void;
}

/**
 * Keeps the gateway at the address that is wanted. The new one is taken before the old one is left; where both are the
 * same port, the old one is left first, and taken again when the new one cannot be had.
 */
export function keepListening(request: ListeningRequest): {
  readonly run: Service;
  readonly listenOn: (address: string) => void;
} {
  const { office, conditions, drainMs, moved, stopping } = request;
  const { clock, chance, journal } = office;
  let { wanted } = request;
  let wake = () => {};
  let current: Listener | undefined;
  let troubled: string | undefined;
  const leaving = new Set<Promise<void>>();

  const take = (listener: Listener | undefined) => {
    current = listener;
    moved(listener?.address);
    if (listener === undefined) return;
    journal("info", { event: "gateway/listening", address: listener.address });
  };
  const tellWhoMay = () => {
    conditions.clear("gateway/open-to-network");
    if (current === undefined || current.loopback || !office.callers.isOpen()) return;
    conditions.raise({
      code: "gateway/open-to-network",
      severity: "warning",
      message: `Everybody who reaches ${current.address} may use the models of factories without apiKeys. Give each factory keys (millwright key), listen on 127.0.0.1, or let only a proxy that checks callers reach it.`,
    });
  };
  const leave = (listener: Listener) => {
    const left = listener.close(drainMs).finally(() => leaving.delete(left));
    leaving.add(left);
  };
  const tell = (failure: Failure | undefined, address: string) => {
    if (troubled !== undefined && (failure === undefined || troubled !== address)) {
      conditions.clear("gateway/cannot-listen", troubled);
    }
    troubled = failure === undefined ? undefined : address;
    if (failure === undefined) return;
    const { message } = failure;
    conditions.raise({
      code: "gateway/cannot-listen",
      severity: "error",
      subject: address,
      message,
    });
  };
  const move = async (to: string) => {
    const old = current;
    let next = await tryToListen(office, to);
    if (next instanceof Failure && old !== undefined && samePort(old.address, to)) {
      take(undefined);
      leave(old);
      next = await tryToListen(office, to);
      if (next instanceof Failure) {
        const back = await tryToListen(office, old.address);
        if (!(back instanceof Failure)) take({ ...back, wanted: old.wanted });
      } else {
        take(next);
      }
    } else if (!(next instanceof Failure)) {
      take(next);
      if (old !== undefined) leave(old);
    }
    tell(next instanceof Failure ? next : undefined, to);
  };

  const run: Service = async (signal) => {
    let pause = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const round = new AbortController();
      wake = () => round.abort();
      const target = wanted;
      if (target !== undefined && target !== current?.wanted) await move(target);
      tellWhoMay();
      const there = target === current?.wanted;
      pause = there ? FIRST_RETRY_MS : Math.min(pause * 2, LAST_RETRY_MS);
      const wait = there ? IDLE_MS : pause * (0.5 + chance.fraction() / 2);
      await clock.sleep(wait, AbortSignal.any([signal, round.signal]));
    }
    stopping();
    if (current !== undefined) leave(current);
    await Promise.all(leaving);
    take(undefined);
  };
  return {
    run,
    listenOn(address) {
      wanted = address;
      wake();
    },
  };
}

async function tryToListen(
  office: Omit<Office, "deadline">,
  address: string,
): Promise<Listener | Failure> {
  try {
    return await listen(office, address);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
