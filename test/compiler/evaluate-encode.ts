/** Any plain value as JSON that tells -0, NaN, undefined and the order of keys apart. Used here and in the child process. */
export function encode(value: unknown): unknown {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $: Object.is(value, -0) ? "-0" : String(value) };
  if (Array.isArray(value)) return Array.from(value, encode);
  if (typeof value === "object" && value !== null)
    return { $: Object.entries(value).map(([key, part]) => [key, encode(part)]) };
  return value;
}
