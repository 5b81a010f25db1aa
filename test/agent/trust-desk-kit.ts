/** One host with a state folder of its own, which trusts one fleet. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostName, HostPlan } from "@millwright/schema";
import { openState, type StateFolder } from "../../agent/disk/disk.ts";
import {
  type Conditions,
  conditionsOf,
  type HappenedEvent,
  type Journal,
} from "../../agent/life/life.ts";
import { openTrust, pinRoot, type Self, type Trust } from "../../agent/trust/trust.ts";
import { deliveryOf, type Fleet, fleetOf, noon, planOf, signer, type Wish } from "./trust-kit.ts";

/** One host with a pinned root, in a folder of its own. */
export interface Desk extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly self: Self;
  readonly state: StateFolder;
  /** Ours, and another host's. */
  readonly plans: readonly [HostPlan, HostPlan];
  readonly conditions: Conditions;
  readonly events: HappenedEvent[];
  readonly codes: () => readonly string[];
  /** The time, which stands still until it is moved. */
  readonly clock: {
    at: number;
    now(): number;
    sleep(ms: number, signal: AbortSignal): Promise<void>;
  };
  /** What the fleet sends: revision 1, unless the wish says otherwise. */
  delivery(wish?: Partial<Wish>): Map<string, Uint8Array>;
  /** The bytes of everything that trust remembers. */
  memory(): Promise<Readonly<Record<string, string>>>;
  /** The agent's trust, opened anew as after a restart. */
  open(): Promise<Trust>;
}

export async function deskOf({ pinned = true } = {}): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), "mw-trust-"));
  const state = await openState(folder);
  const fleet = fleetOf();
  const self: Self = { host: "fra-1" as HostName, publicKey: signer().publicKey };
  if (pinned) await pinRoot(state, fleet.rootBytes);
  const clock: Desk["clock"] = {
    at: noon,
    now: () => clock.at,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
  };
  const conditions = conditionsOf(clock);
  const events: HappenedEvent[] = [];
  const journal: Journal = (_severity, event) => events.push(event);
  const plans = [planOf(self.host, self.publicKey), planOf("zrh-1", signer().publicKey)] as const;
  return {
    ...{ fleet, self, state, clock, events, conditions },
    plans,
    delivery: (wish) => deliveryOf(fleet, { number: 1, plans, ...wish }),
    async memory() {
      const names = await readdir(state.trust);
      const texts = names.map((name) => readFile(join(state.trust, name), "utf8"));
      return Object.fromEntries((await Promise.all(texts)).map((text, at) => [names[at], text]));
    },
    codes: () => conditions.list().map(({ code }) => code),
    open: () => openTrust({ state, self, clock, conditions, journal }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
