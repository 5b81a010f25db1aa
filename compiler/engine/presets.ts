import type { ExternalEngine } from "@millwright/schema";

export type PresetKind = Exclude<ExternalEngine["kind"], "openai">;

export interface PresetSize {
  readonly gpus: number;
  readonly cache: "f16" | "q8_0" | "q4_0";
  readonly hasAdapter: boolean;
  /** Of each of its GPUs, the share that the deployment takes: from 0 to 1. */
  readonly share: number;
}

interface Preset {
  /** How the command begins. */
  readonly command: readonly string[];
  readonly args: (size: PresetSize) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Flags by which the host finds the engine and the plan holds it: never written by hand. */
  readonly owned: readonly string[];
}

const flags = (text: string): readonly string[] => text.split(" ");

/**
 * SGLang means the share for weights and keys alone, and takes its activations and CUDA graphs beside it: a tenth of
 * what is planned is left for them.
 */
const SGLANG_STATIC = 0.9;

const presets: Readonly<Record<PresetKind, Preset>> = {
  // vLLM 0.11: `vllm serve --help`, docs.vllm.ai/en/latest/cli/serve. VLLM_API_KEY: vllm/envs.py. Of the same meaning
  // since 0.8. Its own sampling defaults, not those of a model's file: the same request means the same anywhere.
  vllm: {
    command: ["vllm", "serve"],
    args: ({ gpus, share }) =>
      flags(
        `{model} --served-model-name {name} --host 127.0.0.1 --port {port} --max-model-len {context} --max-num-seqs {parallel} --tensor-parallel-size ${gpus} --gpu-memory-utilization ${decimal(share)} --generation-config vllm --disable-uvicorn-access-log`,
      ),
    env: { VLLM_API_KEY: "{key}" },
    owned: flags(
      "--model --served-model-name --host --port --uds --max-model-len --max-num-seqs --tensor-parallel-size -tp --gpu-memory-utilization --api-key --config",
    ),
  },
  // SGLang 0.5: docs/advanced_features/server_arguments.md. It takes its key from no environment, so the key stands in
  // its command line.
  sglang: {
    command: ["python3", "-m", "sglang.launch_server"],
    args: ({ gpus, share }) =>
      flags(
        `--model-path {model} --served-model-name {name} --host 127.0.0.1 --port {port} --context-length {context} --max-running-requests {parallel} --tp-size ${gpus} --mem-fraction-static ${decimal(share * SGLANG_STATIC)} --sampling-defaults openai --log-level-http warning --api-key {key}`,
      ),
    env: {},
    owned: flags(
      "--model-path --model --served-model-name --host --port --context-length --max-running-requests --tensor-parallel-size --tp-size --tp --mem-fraction-static --api-key --config --base-gpu-id",
    ),
  },
  // llama.cpp b7000 and newer: tools/server/README.md. `-c` is of all requests together. Thoughts stay in the text, as
  // the embedded engine leaves them.
  "llama-server": {
    command: ["llama-server"],
    args: ({ gpus, cache, hasAdapter }) => [
      ...flags(
        `-m {model} --alias {name} --host 127.0.0.1 --port {port} -c {tokens} -np {parallel} -t {threads} -ngl ${gpus > 0 ? 999 : 0} -fa on --jinja --reasoning-format none --no-webui --metrics`,
      ),
      ...(cache === "f16" ? [] : flags(`-ctk ${cache} -ctv ${cache}`)),
      ...(hasAdapter ? flags("--lora {adapter}") : []),
    ],
    env: { LLAMA_API_KEY: "{key}" },
    owned: flags(
      "-m --model --alias -a --host --port -c --ctx-size -np --parallel -t --threads -ngl --gpu-layers --n-gpu-layers -ctk --cache-type-k -ctv --cache-type-v --lora --lora-scaled --api-key --api-key-file --tools --agent -ag -hf --hf-repo -mu --model-url",
    ),
  },
};

/** The preset of a kind; `undefined` of the kind that is written out. */
export function presetOf(kind: ExternalEngine["kind"]): Preset | undefined {
  return kind === "openai" ? undefined : presets[kind];
}

/** Whether all of the command is the author's. */
export function isOpen(kind: ExternalEngine["kind"]): kind is "openai" {
  return kind === "openai";
}

/** Flags that nobody writes by hand. */
export function ownedFlags(kind: ExternalEngine["kind"]): readonly string[] {
  return presetOf(kind)?.owned ?? [];
}

/** What of a deployment a kind of engine can be told: of `openai` its own command decides. */
export function takes(
  kind: ExternalEngine["kind"],
  what: "adapter" | "cache" | "cores",
): boolean | undefined {
  if (kind === "openai") return what === "cache" ? false : undefined;
  return kind === "llama-server";
}

/** To hundredths, down: never more than what is planned. */
function decimal(share: number): string {
  return (Math.max(1, Math.floor(share * 100)) / 100).toFixed(2);
}
