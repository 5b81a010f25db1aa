/**
 * How anything long-lived runs: services, clock, chance, journal, conditions, failures.
 *
 * Promise: nothing starts at import; time and chance come in only through here, so that tests can bring their own.
 */
export { type Chance, systemChance, uuid7, uuid7Bytes } from "./chance.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type Conditions, conditionsOf } from "./conditions.ts";
export { Failure, messageOf } from "./failure.ts";
export { type HappenedEvent, type Journal, type Severity, silentJournal } from "./journal.ts";
export { lineCutter } from "./lines.ts";
export { collectAtRest } from "./rest.ts";
export { type Service, together } from "./service.ts";
export { isWorldly } from "./worldly.ts";
