/**
 * The budget against llama.cpp's own: its engine builds the graphs of a header and allocates nothing.
 * Weights are the same to 1 %. Caches grow by the same bytes. What it computes in is never more than 1 % too small, and
 * at most 15 % too large; for the three shapes with a state in place of keys and values, see what they say themselves.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GgmlType,
  GgufInsights,
  getLlama,
  type Llama,
  LlamaLogLevel,
  readGgufFileInfo,
} from "node-llama-cpp";
import { beforeAll, expect, test } from "vitest";
import type { CacheType } from "../../compiler/fit/cache.ts";
import { memoryOf } from "../../compiler/fit/fit.ts";
import { readFacts } from "../../compiler/lock/facts.ts";
import { shapes } from "./fit-models-kit.ts";
import { headerOf, type Shape } from "./fit-shapes-kit.ts";

const types = { f16: GgmlType.F16, q8_0: GgmlType.Q8_0, q4_0: GgmlType.Q4_0 } as const;

let llama: Llama;
let folder: string;
/** What the engine warns of: above all that it could not ask llama.cpp, and guesses. */
const said: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mw-fit-"));
  llama = await getLlama({
    gpu: false,
    build: "never",
    maxThreads: 1,
    logLevel: LlamaLogLevel.warn,
    logger: (_level, message) => said.push(message),
  });
  return async () => {
    await llama.dispose();
    await rm(folder, { recursive: true, force: true });
  };
});

/** Tokens of one request, requests at the same time, tokens of one step, and how they are kept. */
const ways: readonly (readonly [number, number, number, CacheType])[] = [
  [8192, 4, 512, "f16"],
  [16_384, 4, 512, "f16"],
  [8192, 4, 512, "q8_0"],
  [8192, 4, 512, "q4_0"],
  [512, 1, 512, "f16"],
  [131_072, 2, 512, "f16"],
  [32_768, 1, 2048, "f16"],
];

test.each(Object.entries(shapes))("%s is budgeted as llama.cpp does", async (name, shape) => {
  const { facts, engine } = await both(name, shape);
  const { cpuRam, gpuVram } = await engine.estimateModelResourceRequirementsV2({
    gpuLayers: 0,
    useMmap: false,
  });
  expect(Math.abs(facts.tensorBytes / (cpuRam + gpuVram) - 1)).toBeLessThan(0.01);
  const parts: { readonly cache: number; readonly rest: number }[] = [];
  for (const [context, parallel, batch, cache] of ways) {
    const fit = memoryOf(facts, { context, parallel, batch, cache, gpus: 0 });
    const asked = await engine.estimateContextResourceRequirementsV2({
      contextSize: context,
      sequences: parallel,
      batchSize: batch,
      modelGpuLayers: 0,
      flashAttention: true,
      kvCacheKeyType: types[cache],
      kvCacheValueType: types[cache],
    });
    // The engine has one figure for the cache and what it computes in.
    const compute = asked.cpuRam + asked.gpuVram - fit.cache;
    const way = `${context} × ${parallel}, steps of ${batch}, ${cache}`;
    const [least, most] = shape.within ?? [0.99, 1.15];
    expect(fit.compute / compute, way).toBeGreaterThan(least);
    expect(fit.compute / compute, way).toBeLessThan(most);
    parts.push({ cache: fit.cache, rest: fit.compute - compute });
  }
  // Were a cache counted wrong, the rest would not be the same for a cache of another size.
  const [eight = 0, sixteen = 0] = parts.map(({ rest }) => rest);
  // A mask says 2 bytes for each pair of a token in a step and one before; a layer with a state has none.
  const mask = shape.within === undefined ? 0 : 2 * 512 * 8192;
  expect([0, mask]).toContain(sixteen - eight);
  expect(said).toEqual([]);
});

async function both(name: string, shape: Shape) {
  const { header, size } = headerOf(shape);
  const path = join(folder, `${name.replaceAll(/\W/g, "-")}.gguf`);
  await writeFile(path, header);
  const facts = await readFacts(path, size, name);
  if (facts.kind !== "model") throw new Error(`${name} is no model`);
  const info = await readGgufFileInfo(path, { logWarnings: false });
  return { facts, engine: await GgufInsights.from(info, llama) };
}
