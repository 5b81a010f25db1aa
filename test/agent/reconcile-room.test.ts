/** `beside` needs room for both: where there is none, the old goes first. */
import type { Digest } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, isSettled, type Observed, type Wanted } from "../../agent/reconcile/reconcile.ts";
import {
  deployment,
  deployments,
  instanceOf,
  observe,
  take,
  type World,
  wantedBy,
} from "./reconcile-world-kit.ts";

/** What instances take: the weights once a process, and a context each. */
function taken(items: readonly Wanted[]): number {
  return [...Map.groupBy(items, ({ weights }) => weights).values()]
    .map(([first, ...others]) =>
      first === undefined
        ? 0
        : first.memory.whole -
          first.memory.context * (first.planned.adapters?.length ?? 0) +
          first.memory.context * others.length,
    )
    .reduce((sum, bytes) => sum + bytes, 0);
}

test("however little is free: what is loaded never takes more than there is, and the last plan is reached", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ deployments: deployments(deployment), turns: fc.nat({ max: 30 }) }), {
        minLength: 2,
        maxLength: 4,
      }),
      fc.nat({ max: 100 }),
      fc.infiniteStream(fc.nat({ max: 997 })),
      fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
      fc.boolean(),
      ([first, ...plans], spare, choice, crashes, guarded) => {
        const old = wantedBy(first?.deployments ?? {});
        const known = new Map(
          [first, ...plans].flatMap((plan) =>
            wantedBy(plan?.deployments ?? {}).map((item) => [item.digest, item] as const),
          ),
        );
        const total = (sketch: Parameters<typeof wantedBy>[0]) => taken(wantedBy(sketch));
        // Each plan fits alone: that much the compiler has proved.
        const capacity =
          spare + Math.max(...[first, ...plans].map((plan) => total(plan?.deployments ?? {})));
        const world: World = { blobs: new Set(), instances: new Map() };
        for (const item of old) world.instances.set(item.digest, instanceOf(item, 0));
        const former = guarded ? old : undefined;
        const next = () => choice.next().value ?? 0;
        const pressed = new Set<Digest>();
        const used = () => {
          const up = [...world.instances.values()].filter(({ state }) => state !== "starting");
          const items = up.flatMap(({ digest }) => known.get(digest as Digest) ?? []);
          return taken(items);
        };
        const look = (): Observed => ({
          ...observe(world, former),
          room: { memory: capacity - used(), gpus: new Map() },
          pressed,
        });
        let wanted = old;
        const goOn = (turns: number) => {
          for (let turn = 0; turn < turns; turn += 1) {
            const all = [...world.instances.values()];
            const one = all[next() % Math.max(1, all.length)];
            // A process that ends takes all its contexts with it.
            if (crashes.includes(turn))
              for (const other of all)
                if (other.weights === one?.weights) world.instances.delete(other.digest);
            const loading = [...world.instances.values()].find(({ state }) => state === "starting");
            if (loading !== undefined && next() % 2 === 0) loading.state = "loaded";
            const steps = decide(wanted, look(), 0);
            const step = steps[next() % Math.max(1, steps.length)];
            if (step !== undefined) take(step, world);
            if (step?.kind === "start") {
              const started = world.instances.get(step.wanted.digest);
              if (started !== undefined) started.state = "starting";
            }
            if (step?.kind === "drain" && step.pressed !== undefined)
              pressed.add(step.pressed.digest);
            expect(used()).toBeLessThanOrEqual(capacity);
          }
        };
        for (const { deployments, turns } of plans) {
          wanted = wantedBy(deployments);
          pressed.clear();
          goOn(turns);
        }
        goOn(300);
        expect(isSettled(wanted, look())).toBe(true);
        expect(decide(wanted, look(), 0)).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});
