/**
 * External engines: what a definition says of one, as the command that a host starts.
 *
 * In: an engine, and how large its deployment is. Out: program, arguments, environment and probe, with placeholders for
 * what the host alone knows. Promise: pure; nothing of the engine's own defaults decides how much of a GPU it takes.
 */
export { plannedEngine, type Size } from "./planned-engine.ts";
export { isOpen, ownedFlags, type PresetKind, takes } from "./presets.ts";
