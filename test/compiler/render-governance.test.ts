import { expect, test } from "vitest";
import {
  dataset,
  definitionsOf,
  factory,
  host,
  lockOf,
  type Parts,
  plansOf,
  small,
  smallFacts,
} from "./definitions-kit.ts";

const lock = lockOf({
  [small.source]: smallFacts,
  "file:models/care.gguf": { kind: "adapter", architecture: "llama", tensorBytes: 300_000 },
});

/** What the plan of the only host says of the data that `support` works with. */
function governanceIn(parts: Parts): unknown {
  const definitions = definitionsOf({ hosts: [host("a")], ...parts });
  const { plans } = plansOf(definitions, lock);
  const [{ plan } = { plan: undefined }] = plans.values();
  const { support } = plan?.factories ?? {};
  return support?.governance;
}

test("the strictest rules of all data that a factory reads rule its work", () => {
  const governance = governanceIn({
    fleet: { regions: { eu: ["de", "fr", "nl"] } },
    datasets: [
      dataset("a", ["eu"], {
        classification: "confidential",
        purposes: ["serve", "train", "debug"],
      }),
      dataset("b", ["nl", "de"], { classification: "public", purposes: ["debug", "serve"] }),
    ],
    factories: [factory({ triage: {} }, { reads: ["a", "b"] })],
  });
  expect(governance).toEqual({
    classification: "confidential",
    residency: ["de", "nl"],
    purposes: ["serve", "debug"],
  });
});

test("work that reads no declared data is internal, and not for training", () => {
  expect(governanceIn({ factories: [factory({ triage: {} })] })).toEqual({
    classification: "internal",
    purposes: ["serve", "monitor", "evaluate"],
  });
});

test("data that an adapter learned from rules the work of its factory", () => {
  const parts: Parts = {
    adapters: [
      {
        kind: "adapter",
        name: "care",
        base: "small",
        source: "file:models/care.gguf",
        trainedOn: ["mail"],
      },
    ],
    datasets: [
      dataset("mail", ["de"], { classification: "restricted", purposes: ["serve", "train"] }),
    ],
    factories: [factory({ triage: { adapter: "care" } })],
  };
  expect(governanceIn(parts)).toEqual({
    classification: "restricted",
    residency: ["de"],
    purposes: ["serve"],
  });
});
