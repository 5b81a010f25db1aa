/** A number of bytes, or a text such as `141GiB`, `500MB`, `1.5 GiB`. */
export const BYTES_PATTERN = "^\\d+(\\.\\d+)?\\s?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)$";
const pattern = /^(\d+(?:\.\d+)?)\s?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)$/;

const units = {
  B: 1,
  kB: 1e3,
  KiB: 1024,
  MB: 1e6,
  MiB: 1024 ** 2,
  GB: 1e9,
  GiB: 1024 ** 3,
  TB: 1e12,
  TiB: 1024 ** 4,
} as const;

/** Bytes, rounded down; `undefined` when the text is no amount of memory. */
export function parseBytes(value: number | string): number | undefined {
  if (typeof value === "number")
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const [, amount, unit] = pattern.exec(value) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Math.floor(Number(amount) * units[unit as keyof typeof units]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** For people: binary units, one decimal below a hundred (`3.4 MiB`, `141 GiB`). */
export function showBytes(bytes: number): string {
  const steps = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < steps.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${steps[step]}`;
}
