import type { EngineNumbers } from "../reconcile/reconcile.ts";
import type { EngineStats } from "../runner/runner.ts";

/** One metric of the engines. The semantic conventions know of none of these. */
export interface EngineMetric {
  readonly name: string;
  readonly help: string;
  /** It only grows, from the start of the engine's process. */
  readonly isCounter: boolean;
  readonly points: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

type Values = (stats: EngineStats) => readonly (readonly [Record<string, string>, number])[];

const table: readonly (readonly [name: string, help: string, isCounter: boolean, Values])[] = [
  [
    "millwright.runner.requests.active",
    "Requests that an engine works at.",
    false,
    ({ active }) => [[{}, active]],
  ],
  [
    "millwright.runner.queue.length",
    "Requests that wait inside an engine for a sequence.",
    false,
    ({ waiting }) => [[{}, waiting]],
  ],
  ["millwright.runner.batches", "Batches evaluated.", true, ({ batches }) => [[{}, batches]]],
  [
    "millwright.runner.batch.sequences",
    "Sequences in all batches: over the batches, how full they are.",
    true,
    ({ batchSequences }) => [[{}, batchSequences]],
  ],
  [
    "millwright.runner.batch.tokens",
    "Tokens evaluated in all batches.",
    true,
    ({ batchTokens }) => [[{}, batchTokens]],
  ],
  [
    "millwright.runner.tokens.input",
    "Tokens of prompts, by where they came from: read, or kept in the cache from a request before.",
    true,
    ({ inputTokens, cachedTokens }) => [
      [{ from: "read" }, inputTokens],
      [{ from: "cache" }, cachedTokens],
    ],
  ],
  [
    "millwright.runner.tokens.output",
    "Tokens written.",
    true,
    ({ outputTokens }) => [[{}, outputTokens]],
  ],
  [
    "millwright.runner.memory.usage",
    "Memory of a model and its context, as the engine reckons.",
    false,
    ({ memory: { ram, vram } }) => [
      [{ memory: "ram" }, ram],
      [{ memory: "vram" }, vram],
    ],
  ],
];

export function engineMetrics(engines: readonly EngineNumbers[]): readonly EngineMetric[] {
  return table.map(([name, help, isCounter, values]) => ({
    ...{ name, help, isCounter },
    points: engines.flatMap(({ deployment, model, replica, stats }) =>
      values(stats).map(([labels, value]) => ({
        labels: { deployment, model, replica: String(replica), ...labels },
        value,
      })),
    ),
  }));
}
