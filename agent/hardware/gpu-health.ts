import type { Condition } from "@millwright/schema";
import type { GpuKey } from "./gpu-metrics.ts";
import type { GpuSample } from "./gpu-sample.ts";

/** Something that is the case with a GPU while a value is so. */
export interface Ailment {
  readonly code: string;
  readonly severity: Condition["severity"];
  readonly message: string;
  /** It is nothing unless it lasts so long. */
  readonly lastsMs?: number;
}

interface Rule extends Omit<Ailment, "message"> {
  readonly key: GpuKey;
  readonly isSo: (value: number) => boolean;
  readonly says: (value: number) => string;
}

const MINUTES = 60_000;
const isOn = (value: number) => value > 0;

/** What operators are told of a sample, with what to do. Nothing is ever reset from here: that is for people to decide. */
const rules: readonly Rule[] = [
  {
    ...{ code: "hardware/recovery-action", severity: "error", key: "recovery", isSo: isOn },
    says: (value) =>
      `the driver asks for it to be ${["", "reset", "brought back by a reboot of the host", "taken off its peers (drain P2P)", "drained and reset"][value] ?? "recovered"}. Take its models away first: hold the host or move the deployments, then do so.`,
  },
  {
    ...{ code: "hardware/row-remap-failed", severity: "error", key: "rowsFailed", isSo: isOn },
    says: () =>
      "a row of its memory could not be remapped: it has no spare ones left. Have the GPU exchanged.",
  },
  {
    ...{ code: "hardware/row-remap-pending", severity: "warning", key: "rowsPending", isSo: isOn },
    says: () =>
      "a row of its memory waits to be remapped. Reset the GPU when its models can be elsewhere: nvidia-smi --gpu-reset.",
  },
  {
    ...{ code: "hardware/row-remap-pending", severity: "warning", key: "pagesPending", isSo: isOn },
    says: () => "pages of its memory wait to be retired. Reset the GPU, or reboot the host.",
  },
  {
    ...{ code: "hardware/ecc-uncorrected", severity: "warning", key: "uncorrected", isSo: isOn },
    says: (value) =>
      `${value} errors of its memory could not be corrected since the driver was loaded. Answers may have been lost with a runner; if the number grows, take the GPU out and have it checked.`,
  },
  {
    ...{ code: "hardware/gpu-hot", severity: "warning", key: "hot", isSo: isOn },
    lastsMs: 5 * MINUTES,
    says: () =>
      "it has slowed itself down for more than 5 minutes because it is too hot. Look at fans, airflow and the temperature of the room.",
  },
  {
    ...{ code: "hardware/power-brake", severity: "warning", key: "braked", isSo: isOn },
    lastsMs: 5 * MINUTES,
    says: () =>
      "an external power brake has held it down for more than 5 minutes. Look at the power supplies and their feed.",
  },
  {
    ...{ code: "hardware/fabric-not-ready", severity: "warning", key: "fabric" },
    lastsMs: 5 * MINUTES,
    isSo: (value) => value < 3,
    says: () =>
      "its NVLink fabric has not been set up for 5 minutes, so CUDA will not start on it. Look at systemctl status nvidia-fabricmanager.",
  },
  {
    ...{ code: "hardware/persistence-off", severity: "warning", key: "persistence" },
    isSo: (value) => value === 0,
    says: () =>
      "persistence mode is off: the driver is loaded anew for every first user, which takes seconds. Enable nvidia-persistenced.",
  },
  {
    ...{ code: "hardware/mig", severity: "info", key: "mig", isSo: isOn },
    says: () =>
      "it is divided into instances (MIG), so the driver tells no utilisation of the whole; memory, temperature and power are told.",
  },
];

export function ailmentsOf(sample: GpuSample): readonly Ailment[] {
  return rules.flatMap(({ key, isSo, says, ...rest }) => {
    const value = sample[key];
    if (value === undefined || !isSo(value)) return [];
    return [{ ...rest, message: `${nameOf(sample)}: ${says(value)}` }];
  });
}

export const ailmentCodes: readonly string[] = [...new Set(rules.map(({ code }) => code))];

export function nameOf({ index, uuid, model }: GpuSample): string {
  return `GPU ${index} (${model === undefined ? "" : `${model}, `}${uuid})`;
}

/** As the semantic conventions sort it: failed takes people, degraded will. */
export function stateOf(sample: GpuSample): "ok" | "degraded" | "failed" {
  const { recovery = 0, rowsFailed = 0, rowsPending = 0, pagesPending = 0 } = sample;
  const { uncorrected = 0, hot = 0, braked = 0 } = sample;
  if (recovery > 0 || rowsFailed > 0) return "failed";
  return rowsPending + pagesPending + uncorrected + hot + braked > 0 ? "degraded" : "ok";
}
