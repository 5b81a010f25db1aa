import { fileURLToPath } from "node:url";
import { parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { type Check, fail, ok, type Symptom, warn } from "./finding.ts";
import { said } from "./said.ts";

const main = fileURLToPath(import.meta.resolve("./engine-main.ts"));
const read = readerOf(
  Type.Object({
    version: Type.String(),
    gpu: Type.Union([Type.String(), Type.Literal(false)]),
    gpus: Type.Array(Type.String()),
  }),
);

/** Whether an engine loads here, in a process of its own: one that was built for another processor dies of it. */
export const checkEngine: Check = async (_patient, signal) => {
  const [cores, auto] = [await load("cores", signal), await load("auto", signal)];
  if (cores === undefined)
    return [
      fail(
        `No engine loads on this processor (${process.arch}).`,
        "Install the package for this machine again; see what node-llama-cpp says: millwright-agent engine vulkan may help.",
      ),
    ];
  const symptoms: Symptom[] = [ok(`node-llama-cpp ${cores.version} loads`)];
  if (auto !== undefined && auto.gpu !== false)
    symptoms.push(ok(`the engine uses ${auto.gpu}: ${auto.gpus.join(", ")}`));
  else if (await hasGpu(signal))
    symptoms.push(
      warn(
        "There is a GPU, and no engine here uses it: plans that give models a GPU will fail.",
        "Run millwright-agent engine cuda.",
      ),
    );
  return symptoms;
};

async function load(kind: "cores" | "auto", signal: AbortSignal) {
  const found = read(parseJson((await said(process.execPath, [main, kind], signal)) ?? ""));
  return found.ok ? found.value : undefined;
}

async function hasGpu(signal: AbortSignal): Promise<boolean> {
  return ((await said("nvidia-smi", ["-L"], signal)) ?? "") !== "";
}
