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

/** Counts tasks as they come and go. */
export class Counter {
  #counts = { requests: 0, active: 0, failed: 0, inputTokens: 0, outputTokens: 0 };

  get counts(): GatewayCounts {
    return { ...this.#counts };
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

  tokens(input: number, output: number): void {
    this.#counts.inputTokens += input;
    this.#counts.outputTokens += output;
  }
}
