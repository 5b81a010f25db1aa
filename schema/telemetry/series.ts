import Type, { type Static } from "typebox";

/** One measured thing, declared once a connection; its values then travel by position. */
export const Series = Type.Object({
  /** A name of the OpenTelemetry semantic conventions where one exists (`metrics` in this folder). */
  name: Type.String({ minLength: 1, maxLength: 200 }),
  /** UCUM, as the conventions write it: `1`, `By`, `s`, `Cel`, `W`. */
  unit: Type.String({ maxLength: 32 }),
  attributes: Type.Record(Type.String(), Type.String({ maxLength: 200 })),
});
export type Series = Static<typeof Series>;

export const SeriesList = Type.Array(Series, { maxItems: 10_000 });

/** The values of all declared series at one instant. NaN: unknown just now. */
export interface SensorSample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly values: Float32Array;
}

/** Eight bytes of time (float64) and four a value (float32), all little-endian. */
export function encodeSample({ at, values }: SensorSample): Uint8Array {
  const bytes = new Uint8Array(8 + values.length * 4);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, at, true);
  values.forEach((value, index) => {
    view.setFloat32(8 + index * 4, value, true);
  });
  return bytes;
}

/** `undefined` when the bytes do not hold exactly `count` values. */
export function decodeSample(bytes: Uint8Array, count: number): SensorSample | undefined {
  if (bytes.length !== 8 + count * 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = view.getFloat64(0, true);
  if (!Number.isSafeInteger(at) || at < 0) return undefined;
  return {
    at,
    values: Float32Array.from({ length: count }, (_, index) =>
      view.getFloat32(8 + index * 4, true),
    ),
  };
}
