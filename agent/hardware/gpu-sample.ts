/** One GPU at one instant. Absent: the driver does not say. */
export interface GpuSample {
  readonly index: number;
  readonly uuid: string;
  readonly utilization?: number;
  /** Bytes. */
  readonly memoryUsed?: number;
  readonly memoryTotal?: number;
  /** Degrees Celsius. */
  readonly temperature?: number;
  /** Watts. */
  readonly power?: number;
}

/** What `nvidia-smi` is asked for, by its own names. */
export const gpuFields = [
  "index",
  "uuid",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
] as const;
export type GpuField = (typeof gpuFields)[number];

/** `undefined` for a line that is no sample. Values that the driver does not give (`[N/A]`, `[GPU is lost]`) are left out. */
export function sampleOf(line: string, fields: readonly GpuField[]): GpuSample | undefined {
  const values = line.split(",").map((value) => value.trim());
  if (values.length !== fields.length) return undefined;
  const text = (field: GpuField) => values[fields.indexOf(field)] ?? "";
  const number = (field: GpuField, factor = 1) =>
    /^-?\d+(\.\d+)?$/.test(text(field)) ? Number(text(field)) * factor : undefined;
  const uuid = text("uuid");
  if (!/^\d+$/.test(text("index")) || !/^[\w-]+$/.test(uuid)) return undefined;
  const said = {
    utilization: number("utilization.gpu", 0.01),
    memoryUsed: number("memory.used", 1024 ** 2),
    memoryTotal: number("memory.total", 1024 ** 2),
    temperature: number("temperature.gpu"),
    power: number("power.draw"),
  };
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { index: Number(text("index")), uuid, ...known };
}
