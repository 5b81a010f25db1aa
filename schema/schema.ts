/**
 * @millwright/schema: what authors, compiler, hub and agent share. Pure: no I/O, no clock, no chance.
 * The wire between them is a door of its own, @millwright/schema/opamp: who only compiles need not load it.
 */
export * from "./author/author.ts";
export * from "./envelope/envelope.ts";
export * from "./feedback/feedback.ts";
export * from "./plan/plan.ts";
export * from "./sovereignty/sovereignty.ts";
export * from "./status/status.ts";
export * from "./telemetry/telemetry.ts";
export * from "./validate/validate.ts";
export * from "./value/value.ts";
