/** A text such as `250ms`, `30s`, `15m`, `24h`, `90d`. */
export const DURATION_PATTERN = "^\\d+(ms|s|m|h|d)$";
const pattern = /^(\d+)(ms|s|m|h|d)$/;
const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds; `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = pattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Number(amount) * units[unit as keyof typeof units];
  return Number.isSafeInteger(ms) ? ms : undefined;
}
