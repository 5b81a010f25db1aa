/**
 * What is measured on a host, and how it travels.
 *
 * In: numbers. Out: names and units, and a frame of 8 + 4·n bytes a sample, carried by OpAMP custom messages.
 * Promise: the series are declared once a connection; a value that is unknown is NaN, never a guess.
 */
export { Inventory } from "./inventory.ts";
export { type Metric, metrics, prometheusName } from "./metrics.ts";
export { decodeSample, encodeSample, type SensorSample, Series, SeriesList } from "./series.ts";

/** The OpAMP custom capability, and its types of message: JSON of `SeriesList`, an encoded sample, JSON of `Inventory`. */
export const telemetryCapability = "millwright.telemetry/v1";
export const telemetryTypes = {
  series: "series",
  sample: "sample",
  inventory: "inventory",
} as const;
