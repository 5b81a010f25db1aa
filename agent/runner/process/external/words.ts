import { dirname, join } from "node:path";
import { filledIn, type PlannedEngine, refusedVariable } from "@millwright/schema";
import type { RunnerSpec } from "../../spec.ts";

export interface Values {
  readonly spec: RunnerSpec;
  readonly engine: PlannedEngine;
  readonly program: string;
  readonly port: number;
  readonly key: string;
}

/** The arguments of the program, with the values of this instance in place of the placeholders. */
export function argumentsOf(values: Values): readonly string[] {
  return values.engine.command.slice(1).map((word) => filled(word, values));
}

function filled(text: string, { spec, port, key }: Values): string {
  const { deployment, model, adapter, context, parallel, threads, gpus } = spec;
  return filledIn(text, {
    ...{ port, key, context, parallel, threads, name: deployment, model: model.path },
    ...(adapter !== undefined && { adapter: adapter.path }),
    tokens: context * parallel,
    gpus: gpus.length,
  });
}

/** What the engine has of this process: where the GPUs and their caches are. */
const passedOn = [
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "CUDA_CACHE_PATH",
  "CUDA_CACHE_MAXSIZE",
  "GGML_VK_VISIBLE_DEVICES",
  "GGML_NO_BACKTRACE",
] as const;

/**
 * The whole environment of an engine. Sovereignty: nothing is fetched and nothing told to anybody, whatever the plan
 * says; what engines compile and keep lies below the state folder, and lasts.
 */
export function environmentOf(
  values: Values,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { spec, engine, program } = values;
  const planned = Object.entries(engine.env ?? {})
    .filter(([name]) => refusedVariable(name) === undefined)
    .map(([name, text]) => [name, filled(text, values)] as const);
  const home = join(own["CUDA_CACHE_PATH"] ?? process.cwd(), "engines");
  const inherited = passedOn.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    LANG: "C.UTF-8",
    OMP_NUM_THREADS: String(spec.threads),
    ...Object.fromEntries(planned),
    ...Object.fromEntries(inherited),
    HIP_VISIBLE_DEVICES: own["CUDA_VISIBLE_DEVICES"] ?? "",
    // Programs that come with the engine, in its virtual environment, and a compiler for its kernels.
    PATH: [dirname(program), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    HOME: home,
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_CONFIG_HOME: join(home, ".config"),
    HF_HUB_OFFLINE: "1",
    HF_DATASETS_OFFLINE: "1",
    TRANSFORMERS_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    LLAMA_ARG_OFFLINE: "1",
    VLLM_NO_USAGE_STATS: "1",
    DO_NOT_TRACK: "1",
  };
}
