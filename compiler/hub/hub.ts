/**
 * The hub: stands between the branch `releases` and the hosts.
 *
 * In: a repository, a folder, the online key, a port. Out: plans to hosts; what hosts report, to people.
 * Promise: it offers only what verified as an agent would verify it, and holds no key that can change a host; it can be
 * lost and started again. Hosts show a fresh token every time; what they send is checked before it is kept, kept
 * before it is acknowledged, and forgotten when its time is over.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { admission } from "./admit/admit.ts";
import { chronicle } from "./chronicle.ts";
import { openFleet } from "./fleet/fleet.ts";
import { blobsIn, follower, openMirror } from "./follow/follow.ts";
import { flushing, forgetting } from "./housekeeping.ts";
import { httpOf } from "./http/http.ts";
import { linkOf } from "./link/link.ts";
import { hubMetrics } from "./metrics/metrics.ts";
import { branchReactions, linkWatch } from "./reactions.ts";
import { together } from "./service.ts";
import { defaultLimits, demandSafe, type HubAddress, type HubSettings } from "./settings.ts";
import { openStore } from "./store/store.ts";
import { withAlarms } from "./token-alarms.ts";

export { clockOf } from "./clock.ts";
export type { HubSettings } from "./settings.ts";

/** Serves until `signal` aborts. Throws a Failure when it cannot begin. */
export async function runHub(settings: HubSettings, signal: AbortSignal): Promise<void> {
  demandSafe(settings);
  try {
    await serve(settings, signal);
  } catch (error) {
    // Told to stop while it was starting: that is no failure.
    if (signal.aborted && error === signal.reason) return;
    throw error;
  }
}

async function serve(settings: HubSettings, signal: AbortSignal): Promise<void> {
  const { data, repository, clock, journal, listen, tls, viewerToken } = settings;
  const limits = { ...defaultLimits, ...settings.limits };
  await mkdir(data, { recursive: true, mode: 0o700 });
  await using store = await openStore(join(data, "hub.db"));
  const fleet = await openFleet(store);
  const mirror = await openMirror(join(data, "repo.git"), repository, signal);
  const blobs = await blobsIn(join(data, "blobs"), mirror);
  using metrics = hubMetrics({
    connected: () => link.size,
    hosts: () => fleet.hosts(),
    revision: () => branch.state().offer?.verified.published.number ?? 0,
    now: clock.now,
  });
  const note = chronicle(store, clock, journal);
  const admit = withAlarms(
    admission({
      byName: (name) => fleet.host(name),
      byKey: (key) => fleet.hosts().find((host) => host.key === key),
    }),
    note,
    journal,
  );
  const link = linkOf({
    ...{ fleet, admit, clock, limits },
    offer: () => branch.state().offer,
    watch: linkWatch({ metrics, journal, note }),
  });
  const branch = follower({
    ...{ mirror, store, clock },
    onlineKey: settings.onlineKey,
    pinned: settings.pinned,
    pollMs: settings.pollMs,
    ...branchReactions({ fleet, blobs, link, metrics, note }),
  });
  const http = httpOf({
    ...{ repository, listen, tls, viewerToken, clock, journal, limits },
    ...{ store, fleet, link, metrics, blobs, admit, signal },
    startedAt: clock.now(),
    following: () => branch.state(),
    async setAside({ name }, count) {
      metrics.quarantined.inc(count);
      const message = `${count} samples or receipts were set aside: they contradict what came before, or cannot be read.`;
      await note({ severity: "warn", code: "hub/quarantined", message, host: name });
    },
    async brokenChain({ name }, counter, how) {
      const message =
        how === "gap"
          ? `Receipt ${counter} of ${name} came, and the one before it has not. It may still come; if it does not, it was lost on the host.`
          : `There are two receipts ${counter} of ${name}, both signed with its key. If a disk was cloned, or a state folder restored from a copy, find the other machine; if not, the key was copied: exchange it.`;
      metrics.quarantined.inc(how === "forked" ? 1 : 0);
      const severity = how === "gap" ? "warn" : "error";
      await note({ severity, code: `receipt/${how}`, message, host: name });
    },
    listening: (port) => settings.ready(addressOf(settings, port)),
  });
  await branch.resume(signal);
  await together(
    [
      http,
      link.run,
      branch.run,
      flushing(fleet, limits.flushMs, clock),
      forgetting(store, metrics, clock),
    ],
    signal,
  );
  // Connections that ended last have something to remember too.
  await fleet.flush();
}

function addressOf({ listen, tls }: HubSettings, port: number): HubAddress {
  const name = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return { host: listen.host, port, url: `${tls ? "https" : "http"}://${name}:${port}` };
}
