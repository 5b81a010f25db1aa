/** The tiny models of the example, as parts of plans. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, type HostPlan } from "@millwright/schema";
import type { Artifact } from "./fleet-kit.ts";

export const model: Artifact = artifact("mail-triage");
/** What an attack on downloads is about: the first plan does not want it. */
export const adapter: Artifact = artifact("mail-triage-care-lora");
const HUB: string[] = ["hub:"];

/** The part of a plan that wants another blob than the one that is here. */
export const withAdapter: Partial<HostPlan> = modelsOf(model, adapter);

export function modelsOf(
  first: Artifact,
  second?: Artifact,
): Pick<HostPlan, "blobs" | "deployments"> {
  const blobs = [first, ...(second === undefined ? [] : [second])].map(
    ({ name, digest, size }) => [digest, { name, size, sources: HUB }] as const,
  );
  const { name, digest } = first;
  return {
    blobs: Object.fromEntries(blobs),
    deployments: {
      triage: {
        ...{ factory: "support", model: { name, digest } },
        ...(second && { adapter: { name: second.name, digest: second.digest } }),
        ...{ instances: [{ replica: 0, gpus: [] }], context: 128, parallel: 1, threads: 1 },
        ...{ memory: 1, upgrade: "beside" },
      },
    },
  };
}

function artifact(name: string): Artifact {
  const path = join(import.meta.dirname, `../../factories/models/${name}.gguf`);
  const bytes = readFileSync(path);
  return { path, name, digest: digestOf(bytes), size: bytes.length };
}
