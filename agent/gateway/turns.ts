/** Who waits for an instance of a deployment, and who is next. */
export interface Turns {
  /** A turn at once, where one of `atOnce` places is free. What it gives ends the turn; called twice it does nothing. */
  free(deployment: string, atOnce: number): (() => void) | undefined;
  /** A turn at once, out of line, where a place is free and nobody waits. `give` is called when one is wanted. */
  spare(deployment: string, atOnce: number, give: () => void): (() => void) | undefined;
  /** Waits for a turn. `undefined`: too many wait already. Rejects when the signal aborts. */
  next(deployment: string, who: Waiting): Promise<(() => void) | undefined>;
}

export interface Waiting {
  /** Requests of one caller wait for each other; callers take turns. */
  readonly caller: string;
  readonly priority: Priority;
  readonly signal: AbortSignal;
  /** When an answer is of no use any more, in milliseconds since the Unix epoch; absent: it always is. */
  readonly until?: number;
}

export type Priority = "high" | "normal" | "low";

/** How many requests of one caller may wait for a deployment, and of all together. */
export const WAITING = 64;
const WAITING_IN_ALL = 1_024;
const order: readonly Priority[] = ["high", "normal", "low"];

interface Queue {
  working: number;
  /** How many could work when it was last asked. */
  atOnce: number;
  waiting: number;
  /** By priority; in each the callers in the order in which they are next. */
  readonly lines: Readonly<Record<Priority, Line>>;
  /** Whom to tell when a place is wanted. */
  readonly spares: Set<() => void>;
}

/** The requests of each caller: whose time is over first is next, and of those with the same time who came first. */
type Line = Map<string, Call[]>;

interface Call {
  readonly until: number;
  readonly go: () => void;
}

export function turnsOf(): Turns {
  const queues = new Map<string, Queue>();

  const call = (deployment: string, queue: Queue): void => {
    while (queue.working < queue.atOnce && queue.waiting > 0) {
      const line = order.map((each) => queue.lines[each]).find(({ size }) => size > 0);
      const [caller, calls] = line?.entries().next().value ?? [];
      const [first] = calls ?? [];
      if (line === undefined || caller === undefined || calls === undefined || first === undefined)
        throw new Error("impossible: somebody waits, and nobody is next");
      leave(queue, line, caller, first);
      // Behind the others, with what it still has waiting.
      if (line.delete(caller)) line.set(caller, calls);
      queue.working += 1;
      first.go();
    }
    if (queue.working === 0) queues.delete(deployment);
  };
  const turn = (deployment: string, queue: Queue) => {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      queue.working -= 1;
      call(deployment, queue);
    };
  };

  return {
    free(deployment, atOnce) {
      const queue = queues.get(deployment) ?? emptyQueue();
      queues.set(deployment, queue);
      queue.atOnce = Math.max(1, atOnce);
      // More may work at once than when the last one came: whoever waits goes first.
      call(deployment, queue);
      queues.set(deployment, queue);
      if (queue.working >= queue.atOnce) {
        for (const give of queue.spares) give();
        return undefined;
      }
      queue.working += 1;
      return turn(deployment, queue);
    },
    spare(deployment, atOnce, give) {
      const queue = queues.get(deployment) ?? emptyQueue();
      if (queue.waiting > 0 || queue.working >= Math.max(1, atOnce)) return undefined;
      queues.set(deployment, queue);
      queue.atOnce = Math.max(1, atOnce);
      queue.working += 1;
      queue.spares.add(give);
      const end = turn(deployment, queue);
      return () => {
        queue.spares.delete(give);
        end();
      };
    },
    async next(deployment, { caller, priority, signal, until = Number.POSITIVE_INFINITY }) {
      signal.throwIfAborted();
      const queue = queues.get(deployment);
      if (queue === undefined) throw new Error("impossible: it waits for what nobody holds");
      const line = queue.lines[priority];
      const calls = line.get(caller) ?? [];
      if (calls.length >= WAITING || queue.waiting >= WAITING_IN_ALL) return undefined;
      line.set(caller, calls);
      queue.waiting += 1;
      await new Promise<void>((resolve, reject) => {
        const called: Call = {
          until,
          go() {
            signal.removeEventListener("abort", giveUp);
            resolve();
          },
        };
        const giveUp = () => {
          leave(queue, line, caller, called);
          reject(signal.reason);
        };
        const behind = calls.findIndex((other) => other.until > until);
        calls.splice(behind < 0 ? calls.length : behind, 0, called);
        signal.addEventListener("abort", giveUp, { once: true });
      });
      return turn(deployment, queue);
    },
  };
}

function leave(queue: Queue, line: Line, caller: string, call: Call): void {
  const calls = line.get(caller) ?? [];
  const at = calls.indexOf(call);
  if (at < 0) return;
  calls.splice(at, 1);
  queue.waiting -= 1;
  if (calls.length === 0) line.delete(caller);
}

function emptyQueue(): Queue {
  const lines = { high: new Map(), normal: new Map(), low: new Map() };
  return { working: 0, atOnce: 0, waiting: 0, lines, spares: new Set() };
}
