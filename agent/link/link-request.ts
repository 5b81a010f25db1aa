import type { AgentStatus, Delivery } from "@millwright/schema";
import type { Identity, StateFolder } from "../disk/disk.ts";
import type { Chance, Clock, Conditions, Journal } from "../life/life.ts";
import type { Offered } from "./offers.ts";

/** What the link needs of the agent around it. */
export interface LinkRequest {
  /** Where hubs are, in order of preference: those of the accepted plan, or of init before there is one. */
  readonly hubs: () => readonly string[];
  readonly identity: Identity;
  readonly state: StateFolder;
  /** What the agent says of itself now. */
  readonly status: () => AgentStatus;
  /** Calls back when `status()` may have changed; returns how to stop that. Must not call back at once. */
  readonly statusChanged: (listener: () => void) => () => void;
  /** Judges what a hub offers, one at a time. May throw a `Failure`. */
  readonly offered: (delivery: Delivery, hash: Uint8Array) => Promise<Offered>;
  readonly conditions: Conditions;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly chance: Chance;
}
