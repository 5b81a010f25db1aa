/**
 * What the supervisor is told: systemd, by sd_notify(3).
 *
 * In: the environment that systemd gave. Out: READY, STATUS, STOPPING, and a beat of the watchdog.
 * Promise: without systemd nothing happens; the beat comes from the main loop and stops when what it watches stands still.
 */

export { statusLine } from "./status-line.ts";
export { type Supervisor, supervisorOf, unsupervised } from "./supervisor.ts";
export { type WatchdogOptions, watchdog } from "./watchdog.ts";
