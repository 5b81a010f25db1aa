/**
 * `npm run bench -- agent [--seconds 60] [--json]`: what an agent takes from its host when it has nothing to do.
 *
 * In: how long to watch. Out: start, memory and processor time of the real agent, from the checkout and from the
 * package, on a real hub in another process, with a proved plan without models; and of its floor, the same Node with
 * nothing but a WebSocket to the same hub.
 */
import { execPath } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "../bench.ts";
import { floorArguments } from "./floor.ts";
import { checkoutForm, type Form, packagedForm } from "./forms.ts";
import { type IdleHost, idleHost } from "./idle-host.ts";
import { type Watched, watched } from "./watched.ts";

const STARTS = 5;
/** Half a minute after a start V8 collects what the start has left; that belongs to the start, as the inventory does. */
const AT_REST_AFTER_MS = 45_000;

export async function benchAgent(seconds: number): Promise<readonly Figure[]> {
  await using host = await idleHost();
  const floor = await measured(host, floorArguments(host), execPath, seconds);
  const figures: Figure[] = [];
  await using packaged = await packagedForm();
  for (const form of [checkoutForm, packaged]) {
    const found = await measured(host, [...form.arguments, ...host.run], form.node, seconds);
    figures.push(...figuresOf(form, found, floor));
  }
  return figures;
}

interface Measured {
  /** From spawn until the hub shows the host, in milliseconds, sorted. */
  readonly starts: readonly number[];
  readonly memory: number;
  readonly share: number;
  readonly cpu: number;
  /** The most that any process it started took; 0 when it started none. */
  readonly probe: number;
}

async function measured(
  host: IdleHost,
  args: readonly string[],
  node: string,
  seconds: number,
): Promise<Measured> {
  const starts: number[] = [];
  for (;;) {
    const begun = performance.now();
    await using process = watched(node, args, host.log);
    await host.connected(1);
    starts.push(performance.now() - begun);
    if (starts.length === STARTS) {
      return { starts: starts.toSorted((a, b) => a - b), ...(await atRest(process, seconds)) };
    }
    await process.stop();
    await host.connected(0);
  }
}

async function atRest(process: Watched, seconds: number) {
  await delay(AT_REST_AFTER_MS);
  const before = process.cpuSeconds();
  const begun = performance.now();
  await delay(seconds * 1000);
  const cpu = ((process.cpuSeconds() - before) / (performance.now() - begun)) * 1e5;
  return { ...process.memory(), cpu, probe: process.peakOfChildren() };
}

function figuresOf({ name }: Form, found: Measured, floor: Measured): readonly Figure[] {
  const against = (what: string, unit: string, of: (measured: Measured) => number): Figure => {
    const [value, bare] = [of(found), of(floor)].map((number) => Math.round(number * 100) / 100);
    return {
      ...{ name: `agent, ${name}: ${what}`, value: value ?? 0, unit },
      ...(bare !== undefined && bare > 0 && { floor: bare, ratio: ratioOf(value ?? 0, bare) }),
    };
  };
  return [
    against("start to connected, median", "ms", ({ starts }) => starts[STARTS >> 1] ?? 0),
    against("start to connected, slowest", "ms", ({ starts }) => starts.at(-1) ?? 0),
    against("resident memory, idle", "MB", ({ memory }) => memory / 1e6),
    against("its share of that (PSS)", "MB", ({ share }) => share / 1e6),
    against("processor, idle", "% of a core", ({ cpu }) => cpu),
    against("probe of the inventory, at most", "MB", ({ probe }) => probe / 1e6),
  ];
}

function ratioOf(value: number, floor: number): number {
  return Math.round((value / floor) * 100) / 100;
}
