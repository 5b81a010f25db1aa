/** An agent with all that updating needs: a real store, a plan that can be changed, a clock that leaps. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Digest, digestOf } from "@millwright/schema";
import { onTestFinished } from "vitest";
import { openState } from "../../agent/disk/disk.ts";
import { conditionsOf, type HappenedEvent } from "../../agent/life/life.ts";
import { storeIn } from "../../agent/store/store.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import type { Launched } from "../../agent/update/launched.ts";
import type { Pointer } from "../../agent/update/pointer.ts";
import { readPointer, writePointer } from "../../agent/update/slots.ts";
import { updater } from "../../agent/update/updater.ts";
import { leapingClock } from "./clock-kit.ts";
import { planOf, verifiedOf } from "./plan-kit.ts";
import { hostOf, none } from "./update-kit.ts";

export interface Wish {
  readonly version?: string;
  readonly launched?: Partial<Launched> | null;
  readonly pointer?: Partial<Pointer>;
  readonly missing?: string;
}

/** An agent of version 0.1.0 with all that updating needs, and a plan that can be changed. */
export async function deskOf({ version = "0.1.0", launched = {}, pointer, missing }: Wish = {}) {
  const host = hostOf();
  const state = await openState(host.state);
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  const events: HappenedEvent[] = [];
  const stop = new AbortController();
  if (pointer !== undefined) await writePointer(host.state, { ...none, ...pointer });
  const desk = {
    ...{ host, clock, conditions, events },
    plan: undefined as VerifiedPlan | undefined,
    busy: undefined as string | undefined,
    missing,
    relaunched: 0,
    codes: () => conditions.list().map(({ code }) => code),
    message: () => conditions.list()[0]?.message ?? "",
    happened: (event: string) => events.filter((each) => each.event === event).length,
    pointer: () => readPointer(host.state),
    /** Releases a plan that names an agent. Gives the digest of its archive. */
    name(named: string, bytes: Uint8Array | undefined, processor = process.arch): Digest {
      const archive = digestOf(bytes ?? named);
      const path = join(host.folder, archive.slice(7));
      if (bytes !== undefined) writeFileSync(path, bytes);
      const { plan } = planOf(1, {});
      const source = { name: "agent", size: bytes?.length ?? 1 };
      desk.plan = verifiedOf(1, {
        ...plan,
        agent: { version: named, packages: { [processor]: archive } },
        blobs: { [archive]: { ...source, sources: [pathToFileURL(path).href] } },
      });
      return archive;
    },
    end: async () => {
      stop.abort();
      await running;
    },
    running: Promise.resolve(),
  };
  const defaults: Launched = {
    ...{ node: process.execPath, launcher: host.launcher, args: [], packaged: "0.1.0" },
    ...{ slot: null, isTrial: false },
  };
  const run = updater({
    ...{ state: host.state, version, processor: process.arch, clock, conditions },
    launched: launched === null ? undefined : { ...defaults, ...launched },
    plan: () => desk.plan,
    store: storeIn({
      ...{ state, clock, conditions },
      journal: () => undefined,
      hub: () => undefined,
    }),
    busy: () => desk.busy,
    missing: () => desk.missing,
    relaunch: () => {
      desk.relaunched += 1;
    },
    chance: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count) },
    journal: (_severity, event) => events.push(event),
  });
  const running = run(stop.signal);
  running.catch(() => undefined);
  desk.running = running;
  onTestFinished(async () => {
    stop.abort();
    await running.catch(() => undefined);
  });
  return desk;
}

/** Real work in between: processes, files. */
async function soon(what: string, isSo: () => boolean): Promise<void> {
  const until = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > until) throw new Error(`it did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Lets the updater's own waits pass until something is so. */
export async function passing(
  desk: Awaited<ReturnType<typeof deskOf>>,
  what: string,
  isSo: () => boolean,
) {
  await soon(what, () => {
    void desk.clock.pass(500);
    return isSo();
  });
}
