import { type GpuKey, type GpuMetric, gpuKeys, gpuTable } from "./gpu-metrics.ts";

/** One GPU at one instant. A value that is absent is one that the driver does not give. */
export type GpuSample = {
  readonly index: number;
  readonly uuid: string;
  readonly model?: string;
  readonly driver?: string;
  /** Where it is on the bus: `0000:61:00.0`. */
  readonly pci?: string;
} & { readonly [K in GpuKey]?: number };

/** What tells GPUs apart, asked for beside what is measured. The name comes last: it may hold commas. */
const identity = ["index", "uuid", "pci.bus_id", "driver_version"] as const;
const NAME = "name";

/**
 * Fields to ask for, of those that the driver knows: one unknown field fails the whole query. `undefined` when it does
 * not even know what tells GPUs apart.
 */
export function fieldsKnownBy(knows: (field: string) => boolean): readonly string[] | undefined {
  const measured = gpuKeys.map((key) => gpuTable[key].smi?.find(knows)).filter(isText);
  const about = identity.filter(knows);
  if (!about.includes("index") || !about.includes("uuid")) return undefined;
  return [...about, ...new Set(measured), ...(knows(NAME) ? [NAME] : [])];
}

/** Reads the lines that a query for such fields prints; `undefined` for one that is no sample. */
export function sampleReader(fields: readonly string[]): (line: string) => GpuSample | undefined {
  const at = (name: string) => fields.indexOf(name);
  const columns = gpuKeys.flatMap((key) => {
    const column = (gpuTable[key].smi ?? []).map(at).find((found) => found >= 0);
    return column === undefined ? [] : [{ key, column }];
  });
  const last = fields.length - 1;
  return (line) => {
    const values = line.split(",").map((value) => value.trim());
    // Commas in the name are part of it.
    if (fields[last] === NAME) values.splice(last, values.length, values.slice(last).join(", "));
    if (values.length !== fields.length) return undefined;
    const text = (name: string) => values[at(name)] ?? "";
    const uuid = text("uuid");
    if (!/^\d{1,4}$/.test(text("index")) || !/^[\w-]{1,100}$/.test(uuid)) return undefined;
    const model = text(NAME).slice(0, 100);
    const driver = text("driver_version").slice(0, 40);
    const pci = busOf(text("pci.bus_id"));
    return {
      ...{ index: Number(text("index")), uuid },
      ...(isSaid(model) && { model }),
      ...(/^[\w.-]+$/.test(driver) && { driver }),
      ...(pci !== undefined && { pci }),
      ...known(columns.map(({ key, column }) => [key, valueIn(gpuTable[key], values[column], 0)])),
    };
  };
}

/** The value that a driver writes so; `undefined` when it says that there is none, or something else than was asked. */
export function valueIn(
  { bit, words, factors }: GpuMetric,
  text = "",
  maker: 0 | 1,
): number | undefined {
  if (bit !== undefined)
    return /^0x[0-9a-f]{1,16}$/i.test(text)
      ? Number((BigInt(text) & BigInt(bit)) !== 0n)
      : undefined;
  const [, digits] = numeral.exec(text) ?? [];
  const number = digits === undefined ? undefined : Number(digits);
  if (words !== undefined) {
    const word = text.toLowerCase();
    if (Object.hasOwn(words, word)) return words[word];
    return number !== undefined && Object.values(words).includes(number) ? number : undefined;
  }
  return number === undefined ? undefined : number * (factors?.[maker] ?? 1);
}

/** A number, with the unit that some versions print although none was asked for. */
const numeral = /^(-?\d{1,20}(?:\.\d{1,9})?)(?: ?(?:%|MiB|W|MHz|C))?$/;

/** A PCI address as the kernel writes it, of any of the forms of NVIDIA: `00000000:61:00.0`, `0000:61:00`. */
export function busOf(text: string): string | undefined {
  const [, domain, slot] = /^([0-9a-f]{4,8}):([0-9a-f]{2}:[0-9a-f]{2})(?:\.\d)?$/i.exec(text) ?? [];
  return domain === undefined ? undefined : `${domain.slice(-4)}:${slot}.0`.toLowerCase();
}

export function known(values: readonly (readonly [GpuKey, number | undefined])[]): {
  readonly [K in GpuKey]?: number;
} {
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function isSaid(text: string): boolean {
  return text !== "" && !/^\[.*\]$|^N\/A$|^ERR!$/.test(text);
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}
