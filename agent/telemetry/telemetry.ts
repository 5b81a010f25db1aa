/**
 * What is measured, told: over the link to the hub, on a local address to Prometheus, and to a collector.
 *
 * In: sensors, counts, status. Out: a frame of a few hundred bytes a sample; `/status` and `/metrics`; OTLP. The local address
 * also takes the wish to apply a bundle, from whoever can read the state folder.
 * Promise: nothing is kept that could not be sent: the next sample says more. What is unknown is not shown.
 */
export { type ExportOptions, exportFigures } from "./export.ts";
export { type Figure, figuresOf } from "./figures.ts";
export { type LocalApiOptions, localApi } from "./local-api.ts";
export { type ReportOptions, reportSensors } from "./report.ts";
export { type GatewayNumbers, type Reading, type SensorsOptions, sensorsOf } from "./sensors.ts";
