import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import type { Clock } from "../life/life.ts";

/** A client that takes nothing for so long is gone, whatever its socket says. It must not hold an instance. */
const STALL_MS = 60_000;

/** Server-sent events (WHATWG HTML, section 9.2), not written faster than the client reads. */
export class EventStream {
  readonly #sink = new PassThrough();
  readonly #clock: Clock;
  readonly #named: boolean;

  /** `named`: events have their `type` as their name. */
  constructor(clock: Clock, named: boolean) {
    this.#clock = clock;
    this.#named = named;
  }

  get readable(): Readable {
    return this.#sink;
  }

  /** `false` when nobody reads any more. */
  async send(data: object | "[DONE]", signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#sink.destroyed) return false;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const name = this.#named && typeof data === "object" && "type" in data ? data.type : undefined;
    const head = name === undefined ? "" : `event: ${String(name)}\n`;
    return this.#sink.write(`${head}data: ${text}\n\n`) || (await this.#drained(signal));
  }

  end(): void {
    this.#sink.end();
  }

  async #drained(signal: AbortSignal): Promise<boolean> {
    const waiting = new AbortController();
    const either = AbortSignal.any([signal, waiting.signal]);
    try {
      const drained = await Promise.race([
        once(this.#sink, "drain", { signal: either }).then(() => true),
        this.#clock.sleep(STALL_MS, either).then(() => false),
      ]);
      // The connection goes too: what is left to be read would stay in memory for as long as it does.
      if (!drained) this.#sink.destroy();
      return drained;
    } catch {
      // Aborted, or the sink was destroyed: the reader is gone either way.
      return false;
    } finally {
      waiting.abort();
    }
  }
}
