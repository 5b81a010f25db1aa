/** Model files that are cut, broken or hostile: they hurt their own process at most, and the reason is kept. */
import { readdir, truncate } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import type { Failure } from "../../agent/life/life.ts";
import type { RunnerHandle, RunnerSpec } from "../../agent/runner/runner.ts";
import {
  answer,
  artifact,
  care,
  type Host,
  line,
  mail,
  never,
  openHost,
  specOf,
  triage,
} from "./runner-kit.ts";
import {
  cutModel,
  fileWith,
  modelOfNoArchitecture,
  modelThatSays,
  modelWithoutNumbers,
} from "./runner-models-kit.ts";

let here: Host;
/** Runs beside all that fails. */
let other: RunnerHandle;
beforeAll(async () => {
  const { host, end } = await openHost();
  here = host;
  other = await here.start(specOf(), never);
  return end;
});

/** Starts what cannot be started, and sees that nothing else is disturbed and nothing is left. */
async function refusal(changes: Partial<RunnerSpec>): Promise<Failure> {
  const bad = specOf({ deployment: "bad", ...changes });
  const failure = await here.start(bad, never).then(
    () => expect.fail("it was loaded"),
    (error: Failure) => error,
  );
  expect((await answer(other.engine, mail)).text).toBe(line);
  expect(await readdir(here.state.runners)).toHaveLength(1);
  return failure;
}

test("a model that was cut off is refused in the engine's words", async () => {
  const { code, message } = await refusal({ model: artifact(await cutModel(1_000_000)) });
  expect(code).toBe("runner/load-failed");
  expect(message).toContain("data is not within the file bounds, model is corrupted or incomplete");
});

test("a model that lacks tensors is refused in the engine's words", async () => {
  const { code, message } = await refusal({
    model: artifact(await modelThatSays("llama.block_count", 400)),
  });
  expect(code).toBe("runner/load-failed");
  expect(message).toContain("tensor 'blk.4.attn_norm.weight' not found");
});

test("a model of an architecture that nobody knows is refused in the engine's words", async () => {
  const { code, message } = await refusal({ model: artifact(await modelOfNoArchitecture()) });
  expect(code).toBe("runner/load-failed");
  expect(message).toContain("unknown model architecture: 'lxama'");
});

test("weights that are no numbers are refused, not answered with", async () => {
  const { code, message } = await refusal({ model: artifact(await modelWithoutNumbers()) });
  expect(code).toBe("runner/load-failed");
  expect(message).toContain("found tensors with invalid data");
});

test("a model whose file is cut under its runner takes that process with it and nothing else, and is refused from then on", async () => {
  const path = await cutModel(Number.POSITIVE_INFINITY);
  const bad = await here.start(specOf({ deployment: "bad", model: artifact(path) }), never);
  await truncate(path, 100_000);
  const asked = answer(bad.engine, mail).then(
    ({ text }) => text,
    ({ code }: { code: string }) => code,
  );
  expect(await asked).toBe("engine-lost");
  expect((await bad.gone).reason).toContain("SIGBUS");
  expect((await answer(other.engine, mail)).text).toBe(line);
  const again = await refusal({ model: { ...bad.spec.model } });
  expect(again.code).toMatch(/^runner\/(bad-model|load-failed)$/);
});

test("a header that aborts the engine ends only its own process", async () => {
  const model = artifact(await modelThatSays("llama.feed_forward_length", 0));
  const { code, message } = await refusal({ model });
  expect(code).toBe("runner/load-failed");
  expect(message).toContain("killed by SIGABRT");
  expect(message).toContain("GGML_ASSERT");
});

test("a header that cannot be a model's meets no engine", async () => {
  const hugeString = Buffer.alloc(64);
  hugeString.write("GGUF");
  hugeString.writeUInt32LE(3, 4);
  hugeString.writeBigUInt64LE(1n, 16);
  hugeString.writeBigUInt64LE(3n * 1024n ** 3n, 24);
  for (const path of [
    await modelThatSays("llama.attention.head_count", 0),
    await modelThatSays("llama.block_count", 0),
    await fileWith(""),
    await fileWith("this is no model"),
    await fileWith(hugeString),
    await cutModel(1_000),
  ])
    expect(await refusal({ model: artifact(path) })).toMatchObject({ code: "runner/bad-model" });
});

test("an adapter that is none is refused", async () => {
  const none = artifact(await fileWith("this is no adapter"));
  expect((await refusal({ adapter: none })).code).toBe("runner/bad-model");
  expect((await refusal({ adapter: artifact(triage) })).code).toBe("runner/load-failed");
  expect((await refusal({ model: artifact(care) })).code).toBe("runner/load-failed");
});
