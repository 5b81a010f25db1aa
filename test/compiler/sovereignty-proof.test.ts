/** Whatever the flow: what is proved does not leak, what leaks is not proved, and no forger's change is overlooked. */
import {
  Certificate,
  certificateFaults,
  digestOf,
  type FlowLabel,
  readerOf,
} from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { certificateOf } from "../../compiler/sovereignty/certificates.ts";
import { breachesOf, fixpointOf, type Graph } from "../../compiler/sovereignty/fixpoint.ts";
import { labelWith } from "../../compiler/sovereignty/labels.ts";
import { demands, forgeries, labels, leaks, redigested } from "./sovereignty-kit.ts";

/** A few data, some places that they go through, each edge from a place to one behind it. */
const flows: fc.Arbitrary<Graph> = fc
  .record({
    data: fc.array(fc.tuple(labels, labels), { minLength: 1, maxLength: 4 }),
    places: fc.array(demands, { minLength: 1, maxLength: 5 }),
    ways: fc.array(fc.tuple(fc.nat(100), fc.boolean()), { minLength: 1, maxLength: 3 }),
    withdrawn: fc.subarray(["terms-1", "terms-2"]),
  })
  .map(({ data, places, ways, withdrawn }) => ({
    places: [
      ...data.map(([label, redacted], index) => ({
        ...({ kind: "data", name: `data ${index}`, demand: {} } as const),
        label: labelWith(label),
        redacted: labelWith(redacted),
      })),
      ...places.map((demand, index) => ({
        ...({ kind: "deployment", name: `place ${index}` } as const),
        demand,
      })),
    ],
    edges: places.flatMap((_, index) =>
      ways.map(([way, redacts], turn) => ({
        from: (way * (index + 1) + turn) % (data.length + index),
        to: data.length + index,
        redacts,
      })),
    ),
    withdrawn: new Set(withdrawn),
  }));

test("what is proved does not leak, and what does not leak is proved", () => {
  const fates = { sound: 0, leaking: 0 };
  fc.assert(
    fc.property(flows, (flow) => {
      const fixpoint = fixpointOf(flow);
      const certificate = certificateOf(flow, fixpoint);
      expect(readerOf(Certificate)(certificate).ok).toBe(true);
      const leaking = leaks(certificate);
      fates[leaking ? "leaking" : "sound"] += 1;
      expect(breachesOf(flow, fixpoint).length > 0).toBe(leaking);
      expect(certificateFaults(certificate).length > 0).toBe(leaking);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(fates.sound, fates.leaking)).toBeGreaterThan(50);
});

test("a forged certificate that leaks is refused, whatever has been changed in it", () => {
  let leaking = 0;
  fc.assert(
    fc.property(flows, forgeries, (flow, forgery) => {
      const certificate = certificateOf(flow, fixpointOf(flow));
      const forged = redigested(forgery(certificate));
      if (!leaks(forged)) return;
      leaking += 1;
      expect(certificateFaults(forged)).not.toEqual([]);
    }),
    { numRuns: 2000 },
  );
  expect(leaking).toBeGreaterThan(200);
});

test("a certificate that has been changed without its digest is refused", () => {
  fc.assert(
    fc.property(flows, forgeries, (flow, forgery) => {
      const certificate = certificateOf(flow, fixpointOf(flow));
      const forged = forgery(certificate);
      if (JSON.stringify(forged) === JSON.stringify(certificate)) return;
      expect(certificateFaults(forged)).toEqual(["its graph is not the one that it names"]);
    }),
  );
});

test("a certificate by other rules is refused", () => {
  const [flow] = fc.sample(flows, { numRuns: 1, seed: 1 });
  if (flow === undefined) throw new Error("no flow");
  const certificate = certificateOf(flow, fixpointOf(flow));
  const rules = digestOf("anything goes");
  expect(certificateFaults({ ...certificate, rules })).toEqual([
    `it holds to the rules ${rules}, not ${certificate.rules}`,
  ]);
});

test("places that lead to one another in a circle end, with the strictest label in all of them", () => {
  const label: FlowLabel = { classification: "restricted", purposes: ["serve"] };
  const data = { kind: "data", name: "mail", demand: {}, label, redacted: label } as const;
  const place = (name: string) => ({ kind: "deployment", name, demand: {} }) as const;
  const flow: Graph = {
    places: [data, place("a"), place("b")],
    edges: [
      { from: 1, to: 2, redacts: false },
      { from: 2, to: 1, redacts: true },
      { from: 0, to: 2, redacts: false },
    ],
    withdrawn: new Set(),
  };
  const certificate = certificateOf(flow, fixpointOf(flow));
  expect(certificate.nodes.map((node) => certificate.labels[node.label])).toEqual([
    label,
    label,
    label,
  ]);
  expect(certificateFaults(certificate)).toEqual([]);
});
