/** What the gateway did since the start, for telemetry. */
export interface GatewayCounts {
  /** Tasks that were answered, well or with an error. */
  readonly requests: number;
  /** Tasks being answered now. */
  readonly active: number;
  /** Tasks that ended in an error of ours: a status of 500 and above, or a stream cut short. */
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Who asked for what, and what answered. */
export interface Use {
  /** Factory and name of the key; empty for all who came without one. */
  readonly caller: string;
  /** A deployment or a route: what was asked for. */
  readonly model: string;
  readonly deployment: string;
}

export interface Usage extends Use {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** More kinds of use than this are counted in the sums alone: names come and go with plans. */
const MOST_KINDS = 10_000;

/** Counts tasks as they come and go. */
export class Counter {
  #counts = { requests: 0, active: 0, failed: 0, inputTokens: 0, outputTokens: 0 };

  readonly #usage = new Map<string, Usage>();

  get counts(): GatewayCounts {
    return { ...this.#counts };
  }

  get usage(): readonly Usage[] {
    return [...this.#usage.values()];
  }

  begin(): void {
    this.#counts.active += 1;
  }

  end(failed: boolean): void {
    this.#counts.active -= 1;
    this.#counts.requests += 1;
    if (failed) this.#counts.failed += 1;
  }

  /** A stream whose status had gone out already ended in an error. */
  cutShort(): void {
    this.#counts.failed += 1;
  }

  /** A task was answered. */
  used(use: Use, inputTokens: number, outputTokens: number): void {
    this.#counts.inputTokens += inputTokens;
    this.#counts.outputTokens += outputTokens;
    const kind = `${use.caller} ${use.model} ${use.deployment}`;
    const so = this.#usage.get(kind) ?? { ...use, requests: 0, inputTokens: 0, outputTokens: 0 };
    if (so.requests === 0 && this.#usage.size >= MOST_KINDS) return;
    this.#usage.set(kind, {
      ...use,
      requests: so.requests + 1,
      inputTokens: so.inputTokens + inputTokens,
      outputTokens: so.outputTokens + outputTokens,
    });
  }
}
