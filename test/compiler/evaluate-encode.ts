/** Any plain value as JSON that tells -0, NaN, undefined and the order of keys apart. Used here and in the child process. */
export function encode(value: unknown, around: readonly unknown[] = []): unknown {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $: Object.is(value, -0) ? "-0" : String(value) };
  if (typeof value !== "object" || value === null) return value;
  // What holds itself cannot be written out, and the evaluation refuses it.
  if (around.includes(value)) throw new Error("circle");
  const inside = [...around, value];
  return Array.isArray(value)
    ? Array.from(value, (part) => encode(part, inside))
    : { $: Object.entries(value).map(([key, part]) => [key, encode(part, inside)]) };
}
