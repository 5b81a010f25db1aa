/** External engines: what a definition says becomes a command, to the last argument. */
import { type ExternalEngine, gib, type HostPlan, parseHostName } from "@millwright/schema";
import { expect, test } from "vitest";
import { instanceChanges } from "../../compiler/compare/instance-changes.ts";
import { otherChanges } from "../../compiler/compare/other-changes.ts";
import {
  definitionsOf,
  factory,
  gpuHost,
  lockOf,
  plansOf,
  small,
  smallFacts,
} from "./definitions-kit.ts";

const lock = lockOf({
  [small.source]: smallFacts,
  "file:models/care.gguf": { kind: "adapter", architecture: "llama", tensorBytes: 300_000 },
});

/** The plan of a host with two GPUs of 80 GiB. */
function planOf(engine: ExternalEngine | undefined, fields: object = {}): HostPlan {
  const definitions = definitionsOf({
    hosts: [gpuHost("fra-1", 2)],
    adapters: [{ kind: "adapter", name: "care", base: "small", source: "file:models/care.gguf" }],
    factories: [
      factory({
        triage: {
          ...{ model: "small", context: 256, parallel: 8, gpus: 2 },
          ...(engine !== undefined && { engine }),
          ...fields,
        },
      }),
    ],
  });
  const host = parseHostName("fra-1");
  const plan = host && plansOf(definitions, lock).plans.get(host)?.plan;
  if (plan === undefined) throw new Error("no plan for fra-1");
  return plan;
}

function plannedOf(engine: ExternalEngine | undefined, fields: object = {}) {
  const planned = planOf(engine, fields).deployments["triage"];
  if (planned === undefined) throw new Error("triage is not planned");
  return planned;
}

const probe = { path: "/health", everyMs: 10_000 };

test("vLLM is started with its flags, and takes no more of a GPU than is planned", () => {
  const { engine, memory } = plannedOf({
    kind: "vllm",
    memory: "121GiB",
    args: ["--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
    env: { VLLM_ATTENTION_BACKEND: "FLASHINFER" },
  });
  expect(memory).toBe(gib(121));
  expect(engine).toEqual({
    command: [
      ...["vllm", "serve", "{model}", "--served-model-name", "{name}"],
      ...["--host", "127.0.0.1", "--port", "{port}"],
      ...["--max-model-len", "{context}", "--max-num-seqs", "{parallel}"],
      // 60.5 of 80 GiB.
      ...["--tensor-parallel-size", "2", "--gpu-memory-utilization", "0.75"],
      ...["--generation-config", "vllm", "--disable-uvicorn-access-log"],
      ...["--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
    ],
    env: { VLLM_API_KEY: "{key}", VLLM_ATTENTION_BACKEND: "FLASHINFER" },
    probe,
  });
});

test("SGLang is started with its flags, and what it takes beside its static share is left", () => {
  const { engine } = plannedOf({
    kind: "sglang",
    memory: "121GiB",
    command: ["/opt/sglang/bin/python3", "-m", "sglang.launch_server"],
    probe: { path: "/health_generate", every: "30s", within: "20m" },
  });
  expect(engine).toEqual({
    command: [
      ...["/opt/sglang/bin/python3", "-m", "sglang.launch_server"],
      ...["--model-path", "{model}", "--served-model-name", "{name}"],
      ...["--host", "127.0.0.1", "--port", "{port}"],
      ...["--context-length", "{context}", "--max-running-requests", "{parallel}"],
      ...["--tp-size", "2", "--mem-fraction-static", "0.68"],
      ...["--sampling-defaults", "openai", "--log-level-http", "warning", "--api-key", "{key}"],
    ],
    probe: { path: "/health_generate", everyMs: 30_000, withinMs: 1_200_000 },
  });
});

test("llama-server is started with its flags, with the adapter, the cache, and the cores", () => {
  const begin = [
    ...["llama-server", "-m", "{model}", "--alias", "{name}"],
    ...["--host", "127.0.0.1", "--port", "{port}"],
    ...["-c", "{tokens}", "-np", "{parallel}", "-t", "{threads}", "-ngl"],
  ];
  const end = [
    ...["-fa", "on", "--jinja", "--reasoning-format", "none", "--no-webui", "--metrics"],
  ];
  const env = { LLAMA_API_KEY: "{key}" };
  expect(plannedOf({ kind: "llama-server" }).engine).toEqual({
    ...{ command: [...begin, "999", ...end], env, probe },
  });
  const packed = { gpus: 0, cache: "q8_0", adapter: "care" };
  const onCores = plannedOf({ kind: "llama-server" }, packed);
  expect(onCores.engine).toEqual({
    command: [...begin, "0", ...end, "-ctk", "q8_0", "-ctv", "q8_0", "--lora", "{adapter}"],
    ...{ env, probe },
  });
  // It is llama.cpp as well: without a word it needs what the embedded engine needs.
  expect(onCores.memory).toBe(plannedOf(undefined, packed).memory);
});

test("any other program is started as it is written", () => {
  const command = ["serve", "--model", "{model}", "--port", "{port}"];
  expect(plannedOf({ kind: "openai", command }).engine).toEqual({ command, probe });
});

test("a deployment without an external engine has no word of it in its plan", () => {
  expect(plannedOf(undefined)).not.toHaveProperty("engine");
});

test("another engine is another instance, and that is told once", () => {
  const before = planOf(undefined);
  const after = planOf({ kind: "llama-server" });
  expect(instanceChanges(before, after)).toEqual([
    { deployment: "triage", replica: 0, change: "beside", why: ["engine"] },
  ]);
  expect(otherChanges(before, after)).toEqual([]);
  expect(instanceChanges(after, planOf({ kind: "llama-server" }))).toEqual([]);
});
