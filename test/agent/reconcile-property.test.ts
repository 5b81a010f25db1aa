import fc from "fast-check";
import { expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import {
  decide,
  isSettled,
  type Lease,
  needsOf,
  wantedOf,
} from "../../agent/reconcile/reconcile.ts";
import { planOf, type SketchedDeployment } from "./plan-kit.ts";
import { hostOf } from "./reconcile-kit.ts";
import {
  deployment,
  deployments,
  instanceOf,
  names,
  observe,
  smoke,
  take,
  type World,
  wantedBy,
} from "./reconcile-world-kit.ts";

test("taking the steps of decide one by one, in any order, while plans change and processes die, reaches the last plan, then yields none, and cuts no request", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ deployments: deployments(deployment), turns: fc.nat({ max: 25 }) }), {
        minLength: 2,
        maxLength: 5,
      }),
      fc.infiniteStream(fc.nat({ max: 997 })),
      fc.array(fc.nat({ max: 60 }), { maxLength: 6 }),
      fc.boolean(),
      ([first, ...plans], choice, crashes, guarded) => {
        const old = wantedBy(first?.deployments ?? {});
        const world: World = { blobs: new Set(), instances: new Map() };
        for (const item of old) {
          for (const blob of needsOf(item)) world.blobs.add(blob);
          world.instances.set(item.digest, instanceOf(item, 1));
        }
        const former = guarded ? old : undefined;
        const next = () => choice.next().value ?? 0;
        let wanted = old;
        let turn = 0;
        const goOn = (turns: number) => {
          for (const end = turn + turns; turn < end; turn += 1) {
            const all = [...world.instances.values()];
            const one = all[next() % Math.max(1, all.length)];
            if (crashes.includes(turn)) world.instances.delete(one?.digest ?? "");
            else if (one?.state === "serving" && next() % 3 === 0) one.leases += 1;
            const steps = decide(wanted, observe(world, former), 0);
            const step = steps[next() % Math.max(1, steps.length)];
            if (step !== undefined) take(step, world);
            // Nothing to do but to wait for requests that end.
            else for (const busy of world.instances.values()) busy.leases = 0;
          }
        };
        for (const { deployments, turns } of plans) {
          wanted = wantedBy(deployments);
          goOn(turns);
        }
        goOn(150);
        expect(isSettled(wanted, observe(world, former))).toBe(true);
        expect(decide(wanted, observe(world, former), 0)).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
});

test("while a plan is put in place of another, what is replaced beside always has an instance that answers", () => {
  const beside = deployment.map((said) => ({ ...said, upgrade: "beside" as const }));
  fc.assert(
    fc.property(
      deployments(beside),
      deployments(beside),
      fc.infiniteStream(fc.nat({ max: 997 })),
      (before, after, choice) => {
        const [old, wanted] = [wantedBy(before), wantedBy(after)];
        const lasting = names.filter((name) => name in before && name in after);
        const world: World = { blobs: new Set(), instances: new Map() };
        for (const item of old) world.instances.set(item.digest, instanceOf(item, 0));
        for (;;) {
          const steps = decide(wanted, observe(world, old), 0);
          const step = steps[(choice.next().value ?? 0) % Math.max(1, steps.length)];
          if (step === undefined) break;
          take(step, world);
          for (const name of lasting)
            expect(
              [...world.instances.values()].some(
                (one) => one.deployment === name && one.state === "serving",
              ),
            ).toBe(true);
        }
        expect(isSettled(wanted, observe(world, old))).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

type Happening =
  | { readonly kind: "plan"; readonly deployments: Readonly<Record<string, SketchedDeployment>> }
  | { readonly kind: "crash"; readonly which: number }
  | { readonly kind: "lease"; readonly name: string }
  | { readonly kind: "release" }
  | { readonly kind: "pass"; readonly ms: number };

/** `bad-…` is a model with something wrong with it. */
const troubled = fc.record({
  model: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("a", "b") },
    { weight: 1, arbitrary: fc.constantFrom("bad-bytes", "bad-load", "bad-answer", "bad-net") },
  ),
  replicas: fc.constantFrom(1, 1, 2),
  upgrade: fc.constantFrom("beside" as const, "drain" as const),
  smoke: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(smoke, { ...smoke, contains: "ine" }) },
    { weight: 1, arbitrary: fc.constant({ ...smoke, contains: "xyzzy" }) },
  ),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("plan" as const),
      deployments: deployments(troubled),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("crash" as const), which: fc.nat({ max: 7 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("lease" as const), name: fc.constantFrom(...names) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 1, 700, 20_000),
    }),
  },
);

test("whatever fails and whenever: no request is cut, and in the end the newest plan or the last good one serves", async () => {
  const sick = ["bad-bytes", "bad-load", "bad-answer", "bad-net"];
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 6, maxLength: 20, size: "max" }),
      async (happenings) => {
        const host = hostOf({ models: ["a", "b", "c", ...sick] });
        const { reconciler, runners, blobs, clock } = host;
        for (const model of ["a", "b", "c", "bad-load", "bad-net"])
          runners.answers.set(model, "fine");
        runners.answers.set("bad-answer", "awful");
        runners.unloadable.set("bad-load", new Failure("runner/load-failed", "no such tensor"));
        blobs.trouble.set("bad-bytes", new Failure("store/wrong-digest", "found others"));
        blobs.trouble.set("bad-net", new Failure("store/not-fetched", "the network is down"));
        const leases: Lease[] = [];
        const cut: string[] = [];
        runners.stopped = (handle) => {
          if (leases.some(({ engine }) => engine === handle.engine))
            cut.push(handle.spec.deployment);
        };
        let number = 0;
        for (const event of happenings) {
          if (event.kind === "plan") {
            number += 1;
            host.offer(planOf(number, event.deployments));
          } else if (event.kind === "crash") {
            const all = [...runners.alive.values()];
            all[event.which % Math.max(1, all.length)]?.crash();
          } else if (event.kind === "lease") {
            const lease = reconciler.serving.lease(event.name);
            if (!("kind" in lease)) {
              // Whoever answers is what its plan says, of a plan that has been accepted.
              expect(runners.answers.get(lease.planned.model.name)).toBe("fine");
              leases.push(lease);
            }
          } else if (event.kind === "release") leases.shift()?.release();
          else await clock.pass(event.ms);
        }
        for (const lease of leases.splice(0)) lease.release();
        await clock.pass(600_000);
        expect(cut).toEqual([]);
        const newest = host.plans.accepted();
        if (newest !== undefined) {
          const { attempted } = reconciler.status();
          const wanted = Object.values(newest.plan.deployments);
          const good = host.plans.good();
          if (
            !wanted.some(
              ({ model, smoke: asked }) => sick.includes(model.name) || asked?.contains === "xyzzy",
            )
          )
            expect(attempted?.result).toBe("running");
          else expect(attempted?.result).not.toBe("running");
          const served = attempted?.result === "running" ? newest : good;
          for (const [name, { model }] of Object.entries(served?.plan.deployments ?? {})) {
            const lease = reconciler.serving.lease(name);
            if ("kind" in lease) throw new Error(`${name} is not served: ${JSON.stringify(lease)}`);
            // Where the old process died first, its successor may answer already: it has passed its gates as well.
            const successor =
              attempted?.result === "applying" ? newest.plan.deployments[name] : undefined;
            expect([model.digest, successor?.model.digest]).toContain(lease.planned.model.digest);
            lease.release();
          }
          // Of a plan that failed nothing is left, once another serves.
          if (served !== undefined && attempted?.result !== "applying")
            expect(runners.alive.size).toBe(wantedOf(served.plan, blobs.path).length);
        }
        await host.stop();
      },
    ),
    { numRuns: 250 },
  );
}, 60_000);
