/**
 * Feedback: what was seen of the work and said about it.
 *
 * In: what the gateway observed. Out: samples, whose schema hub and agent share, and the form in which they travel.
 * Promise: an append-only envelope; a sample is never changed, a later one joins it by `interactionId`.
 */
export { bodies, type SampleBody, type SampleKind, sampleKinds } from "./body.ts";
export { Message } from "./message.ts";
export { Sample, UUID7_PATTERN } from "./sample.ts";
export { SEGMENT_TYPE, SIGNATURE_HEADER, segmentLimits, segmentPath } from "./segment.ts";
