import { httpOrigin } from "../trust/trust.ts";
import { type Check, fail, ok, type Symptom, warn } from "./finding.ts";
import { said } from "./said.ts";
import { identityAt } from "./state-at.ts";

/** A token is worth a minute. */
const TOO_FAR_MS = 45_000;
const FAR_MS = 5_000;
const unknown = warn(
  "Without an identity no hub can be asked for the time.",
  "See what is said of the keys.",
);

/** Whether the clock is right: by its hub, and by what sets it. */
export const checkClock: Check = async ({ state, clock }, signal) => {
  const [byHub, byNtp] = await Promise.all([
    byHubs(state, () => clock.now(), signal),
    said("timedatectl", ["show", "--property=NTPSynchronized", "--value"], signal),
  ]);
  if (byNtp === "yes") return [byHub, ok("the clock is set by NTP")];
  if (byNtp === "no")
    return [
      byHub,
      warn(
        "Nothing sets the clock: it will drift.",
        "Run apt-get install systemd-timesyncd (or chrony), then timedatectl set-ntp true.",
      ),
    ];
  return [byHub];
};

async function byHubs(state: string, now: () => number, signal: AbortSignal): Promise<Symptom> {
  const identity = await identityAt(state);
  if (identity === undefined) return unknown;
  for (const hub of identity.hubs) {
    const before = now();
    const answer = await fetch(`${httpOrigin(hub)}/v1/root/1.json`, {
      method: "HEAD",
      redirect: "manual",
      signal,
    }).catch(() => undefined);
    const theirs = Date.parse(answer?.headers.get("date") ?? "");
    if (!Number.isNaN(theirs)) return compared((before + now()) / 2 - theirs, hub);
  }
  return warn("No hub tells the time.", "See what is said of the hub.");
}

/** The hub's date has seconds, cut off. */
function compared(aheadMs: number, hub: string): Symptom {
  const off = Math.max(0, Math.abs(aheadMs - 500) - 500);
  const text = `the clock is ${(off / 1000).toFixed(0)} s ${aheadMs > 0 ? "ahead of" : "behind"} ${hub}`;
  const cure = "Set the clock: timedatectl set-ntp true. If the host is right, set the hub's.";
  if (off > TOO_FAR_MS) return fail(`${text}: it refuses this host's tokens.`, cure);
  return off > FAR_MS ? warn(`${text}.`, cure) : ok(`the clock agrees with ${hub}`);
}
