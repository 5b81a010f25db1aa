import {
  type Condition,
  type Inventory,
  type PlannedHardware,
  showBytes,
} from "@millwright/schema";

/** Something that the definition says of the host, and that is not so. */
export interface Difference {
  /** `memory`, `cores`, `gpus`, `gpu 3`. */
  readonly what: string;
  readonly severity: Condition["severity"];
  readonly message: string;
}

type Gpu = Required<Pick<NonNullable<Inventory["gpus"]>[number], "model">> & {
  readonly memory?: number;
};

const CURE = "Mend the host, or correct its definition and merge that.";

/** What is not known of the host differs from nothing. More than is promised is told of GPUs alone: they stand idle. */
export function differencesOf(
  promised: PlannedHardware,
  { memory, cpu, gpus }: Inventory,
): readonly Difference[] {
  return [
    ...less("memory", "of main memory", promised.memory, memory?.bytes, showBytes),
    ...less("cores", "cores", promised.cores, cpu?.cores, String),
    ...(gpus === undefined ? [] : gpuDifferences(promised, gpus)),
  ];
}

function less(
  what: string,
  unit: string,
  promised: number | undefined,
  found: number | undefined,
  show: (value: number) => string,
): readonly Difference[] {
  if (promised === undefined || found === undefined || found >= promised) return [];
  const message = `The host's definition promises ${show(promised)} ${unit} to models, and the host has ${show(found)}. ${CURE}`;
  return [{ what, severity: "warning", message }];
}

function gpuDifferences(promised: PlannedHardware, found: readonly Gpu[]): readonly Difference[] {
  const wanted = (promised.gpus ?? []).flatMap(({ model, memory, count }) =>
    Array.from({ length: count }, () => ({ model, memory })),
  );
  if (wanted.length !== found.length)
    return [
      {
        what: "gpus",
        severity: found.length < wanted.length ? "error" : "info",
        message: `The host's definition promises ${listed(wanted)}, and ${listed(found)} ${found.length > 1 ? "are" : "is"} found. ${CURE}`,
      },
    ];
  return wanted.flatMap(({ model, memory }, index) => {
    const gpu = found[index];
    const what = `gpu ${index}`;
    if (gpu === undefined) return [];
    if (!isModel(model, gpu.model))
      return [
        {
          ...{ what, severity: "warning" },
          message: `The host's definition promises ${model} as GPU ${index}, and it is ${gpu.model}. ${CURE}`,
        },
      ];
    if (gpu.memory === undefined || gpu.memory >= memory) return [];
    return [
      {
        ...{ what, severity: "warning" },
        message: `The host's definition promises ${showBytes(memory)} on GPU ${index}, and it has ${showBytes(gpu.memory)}. ${CURE}`,
      },
    ];
  });
}

/** `8 GPUs (8 × NVIDIA H200)`. */
function listed(gpus: readonly Gpu[]): string {
  if (gpus.length === 0) return "no GPU";
  const models = [...Map.groupBy(gpus, ({ model }) => model)].map(
    ([model, all]) => `${all.length} × ${model}`,
  );
  return `${gpus.length} GPU${gpus.length === 1 ? "" : "s"} (${models.join(", ")})`;
}

/** `A100` and `NVIDIA A100` promise an `NVIDIA A100-SXM4-80GB`; `NVIDIA A10` does not. */
function isModel(promised: string, found: string): boolean {
  const [a, b] = [promised, found].map((name) =>
    name
      .toLowerCase()
      .replace(/^nvidia\s+/, "")
      .trim(),
  );
  if (a === undefined || b === undefined) return false;
  return b === a || (b.startsWith(a) && /^[^a-z0-9]/.test(b.slice(a.length)));
}
