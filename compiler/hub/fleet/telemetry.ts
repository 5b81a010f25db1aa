import {
  decodeSample,
  readerOf,
  type SensorSample,
  type Series,
  SeriesList,
} from "@millwright/schema";
import { pack, unpack } from "./packed.ts";

const readSeries = readerOf(SeriesList);

/** How many samples a host's memory holds at most, and how many values those of all hosts together. */
const SAMPLES = 60;
const VALUES_OF_ALL = 4_000_000;

/** What a host measures: lives in memory alone, the last value and a short past, the shorter the larger the fleet. */
export class Telemetry {
  readonly #hosts: () => number;
  /** The series take more memory than all else about a host, and are looked at by people only. */
  #series: Buffer | undefined;
  #count = 0;
  #values = new Float32Array(0);
  #instants: number[] = [];
  #declared = false;

  constructor(hosts: () => number) {
    this.#hosts = hosts;
  }

  get series(): readonly Series[] {
    if (this.#series === undefined) return [];
    const reading = readSeries(unpack(this.#series));
    if (!reading.ok) throw new Error("impossible: declared series that are none");
    return reading.value;
  }

  /** Oldest first. */
  get samples(): readonly SensorSample[] {
    return this.#instants.map((at, index) => {
      const start = index * this.#count;
      return { at, values: this.#values.slice(start, start + this.#count) };
    });
  }

  get last(): SensorSample | undefined {
    return this.samples.at(-1);
  }

  /** A connection begins: what follows must be declared anew, what was measured can still be seen. */
  reconnect(): void {
    this.#declared = false;
  }

  declare(series: readonly Series[]): void {
    this.#declared = true;
    const packed = pack(series);
    if (this.#series?.equals(packed)) return;
    this.#series = packed;
    this.#count = series.length;
    this.#instants = [];
    const share = VALUES_OF_ALL / Math.max(1, this.#hosts());
    const kept = Math.min(SAMPLES, Math.floor(share / Math.max(1, this.#count)));
    this.#values = new Float32Array(Math.max(1, kept) * this.#count);
  }

  /** False when the bytes are no sample of the declared series. */
  take(bytes: Uint8Array): boolean {
    const sample = this.#declared ? decodeSample(bytes, this.#count) : undefined;
    if (sample === undefined) return false;
    const kept = this.#count === 0 ? 1 : this.#values.length / this.#count;
    if (this.#instants.length === kept) {
      this.#instants.shift();
      this.#values.copyWithin(0, this.#count);
    }
    this.#values.set(sample.values, this.#instants.length * this.#count);
    this.#instants.push(sample.at);
    return true;
  }
}
