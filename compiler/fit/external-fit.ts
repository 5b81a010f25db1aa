import { type ExternalEngine, parseBytes } from "@millwright/schema";
import type { Fit } from "./memory.ts";

const GIB = 1024 ** 3;
/** What Python, PyTorch and CUDA take of main memory, of the server and of each of its workers. Rounded up from what they are seen to take. */
const BESIDE = 2 * GIB;

/** What an instance with an external engine takes; `embedded` is what it would take with ours. */
export function externalFit(engine: ExternalEngine | undefined, gpus: number, embedded: Fit): Fit {
  if (engine === undefined) return embedded;
  const isPython = engine.kind === "vllm" || engine.kind === "sglang";
  const beside =
    gpus > 0 && isPython ? Math.max(embedded.beside, BESIDE * (1 + gpus)) : embedded.beside;
  const said = engine.memory === undefined ? undefined : parseBytes(engine.memory);
  if (said === undefined) return { ...embedded, beside };
  // One figure for all: nobody but the author knows what of it is what.
  return {
    ...{ weights: 0, cache: 0, compute: 0, margin: 0 },
    overhead: said,
    total: said,
    beside,
  };
}
