import { decodeSample, type SensorSample, type Series } from "@millwright/schema";

/** How many samples a host's memory holds, and how many values at most: hosts with many series keep fewer samples. */
const SAMPLES = 60;
const VALUES = 30_000;

/** What a host measures: lives in memory alone, the last value and a short past. */
export class Telemetry {
  #series: readonly Series[] = [];
  #samples: SensorSample[] = [];
  #declared = false;

  get series(): readonly Series[] {
    return this.#series;
  }

  /** Oldest first. */
  get samples(): readonly SensorSample[] {
    return this.#samples;
  }

  get last(): SensorSample | undefined {
    return this.#samples.at(-1);
  }

  /** A connection begins: what follows must be declared anew, what was measured can still be seen. */
  reconnect(): void {
    this.#declared = false;
  }

  declare(series: readonly Series[]): void {
    const same = JSON.stringify(series) === JSON.stringify(this.#series);
    this.#series = series;
    this.#declared = true;
    if (!same) this.#samples = [];
  }

  /** False when the bytes are no sample of the declared series. */
  take(bytes: Uint8Array): boolean {
    const count = this.#series.length;
    const sample = this.#declared ? decodeSample(bytes, count) : undefined;
    if (sample === undefined) return false;
    this.#samples.push(sample);
    const kept = Math.max(1, Math.min(SAMPLES, Math.floor(VALUES / Math.max(1, count))));
    if (this.#samples.length > kept) this.#samples.shift();
    return true;
  }
}
