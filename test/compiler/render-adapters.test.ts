/** Adapters that callers ask for by name, and when a process is exchanged: from the definition into the plan. */
import { instancesOf, parseHostName } from "@millwright/schema";
import { expect, test } from "vitest";
import { memoryOf } from "../../compiler/fit/fit.ts";
import { place } from "../../compiler/place/place.ts";
import { renderer } from "../../compiler/render/render.ts";
import {
  dataset,
  definitionsOf,
  digestIn,
  factory,
  host,
  lockOf,
  type Parts,
  plansOf,
  problemIn,
  provedOf,
  small,
  smallFacts,
  valueIn,
} from "./definitions-kit.ts";

const care = { kind: "adapter", name: "care", base: "small", source: "file:care.gguf" } as const;
const terse = { ...care, name: "terse", source: "file:terse.gguf" } as const;
const facts = { kind: "adapter", architecture: "llama", tensorBytes: 300_000 } as const;
const lock = lockOf({ [small.source]: smallFacts, [care.source]: facts, [terse.source]: facts });
const mail = dataset("mail", ["de"], {
  classification: "confidential",
  purposes: ["serve", "evaluate", "train"],
});
const deployments = {
  triage: {
    adapters: ["care", "terse"],
    recycle: { after: "7d", requests: 100_000 },
  },
};
const parts: Parts = {
  hosts: [host("fra-1")],
  models: [{ ...small, smoke: { prompt: "Hi", contains: "small" } }],
  adapters: [{ ...care, smoke: { prompt: "Hi", contains: "care" }, trainedOn: ["mail"] }, terse],
  datasets: [mail],
  factories: [factory(deployments)],
};
const fra1 = parseHostName("fra-1");
const planIn = (said: Parts) => {
  const plan = fra1 && plansOf(definitionsOf(said), lock).plans.get(fra1)?.plan;
  if (plan === undefined) throw new Error("impossible: no plan");
  return plan;
};

test("each adapter is in the plan with its file and its question, and takes a context over the same weights", () => {
  const plan = planIn(parts);
  const triage = plan.deployments["triage"];
  expect(triage).toMatchObject({
    adapters: [
      {
        ...{ name: "care", digest: digestIn(care.source) },
        smoke: { prompt: "Hi", contains: "care", withinMs: 30_000 },
      },
      {
        ...{ name: "terse", digest: digestIn(terse.source) },
        smoke: { prompt: "Hi", contains: "small", withinMs: 30_000 },
      },
    ],
    recycle: { afterMs: 7 * 86_400_000, requests: 100_000 },
  });
  expect(Object.keys(plan.blobs).toSorted()).toEqual(
    [small, care, terse].map(({ source }) => digestIn(source)).toSorted(),
  );
  expect(instancesOf(plan).map(({ adapterName }) => adapterName)).toEqual([
    undefined,
    "care",
    "terse",
  ]);
  const size = { context: 1024, parallel: 1, gpus: 0 };
  const [one, all] = [
    memoryOf(smallFacts, size),
    memoryOf(smallFacts, { ...size, adapters: [facts, facts] }),
  ];
  expect(triage?.memory).toBe(all.total);
  expect([all.weights, all.cache, all.compute, all.overhead]).toEqual([
    ...[one.weights + 600_000, 3 * one.cache, 3 * one.compute, one.overhead],
  ]);
});

test("a plan without them is the same to the byte, whether they are left out or empty", () => {
  const without = planIn({ ...parts, factories: [factory({ triage: {} })] });
  const empty = { adapters: [], recycle: {} };
  expect(planIn({ ...parts, factories: [factory({ triage: empty })] })).toEqual(without);
  expect(Object.keys(without.deployments["triage"] ?? {})).not.toContain("adapters");
});

test("a change of an adapter that is asked for by name is a change of the plan, also where plans are kept", () => {
  const render = renderer();
  const rendered = (said: Parts) => {
    const definitions = definitionsOf(said);
    return (
      fra1 && valueIn(render(definitions, valueIn(provedOf(definitions, lock)))).plans.get(fra1)
    );
  };
  const first = rendered(parts);
  expect(rendered(parts)?.digest).toBe(first?.digest);
  const smoke = { prompt: "Hi", contains: "another" };
  const changed = rendered({ ...parts, adapters: [{ ...care, smoke }, terse] });
  expect(changed?.plan.deployments["triage"]?.adapters?.[0]?.smoke?.contains).toBe("another");
});

test("what an adapter learned from binds whoever may be asked for it", () => {
  const { governance } = planIn(parts).factories["support"] ?? {};
  expect(governance).toMatchObject({ classification: "confidential", residency: ["de"] });
  const elsewhere = { ...parts, hosts: [host("par-1", { region: "fr" })] };
  expect(problemIn(place(definitionsOf(elsewhere), lock)).code).toBe("place/residency");
  const secret = dataset("mail", ["de"], { classification: "confidential", purposes: ["train"] });
  const unfit = provedOf(definitionsOf({ ...parts, datasets: [secret] }), lock);
  expect(problemIn(unfit)).toMatchObject({ code: "sovereignty/purpose" });
});
