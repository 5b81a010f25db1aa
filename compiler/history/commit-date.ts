/** ISO 8601 in the author's zone. A commit may hold any numbers: such as are no date give the epoch, as git has it. */
export function commitDate(seconds: number, zone: string): string {
  const [, sign = "+", hours = "00", minutes = "00"] =
    /^([+-])([01]\d|2[0-3])([0-5]\d)$/.exec(zone) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60 : 60);
  const local = new Date((seconds + shift) * 1_000);
  if (Number.isNaN(local.getTime())) return "1970-01-01T00:00:00+00:00";
  return `${local.toISOString().slice(0, -".000Z".length)}${sign}${hours}:${minutes}`;
}
