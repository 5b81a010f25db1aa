/** Schedules as cron writes them, five fields, and the moments that they mean. */
import { Cron } from "croner";

const fields = [
  { name: "minute", takes: "0 to 59" },
  { name: "hour", takes: "0 to 23" },
  { name: "day of the month", takes: "1 to 31, or L for the last" },
  { name: "month", takes: "1 to 12, or JAN to DEC" },
  { name: "day of the week", takes: "0 to 7, or SUN to SAT; 0 and 7 are Sunday" },
] as const;

/** Nothing in a schedule hangs on the day on which it is looked at: a Friday, so that a weekend follows. */
const someday = new Date("2027-01-01T00:00:00Z");
const YEAR = 366 * 86_400_000;
/** So many starts are looked at before one window is taken for endless. */
const STARTS = 1_000;

export interface CronSlip {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly cure: string;
}

/** What is wrong with a schedule: its number of fields, or each field that holds what it cannot. */
export function cronSlips(text: string): readonly CronSlip[] {
  const words = [...text.matchAll(/\S+/g)];
  const whole = { from: 0, to: text.length };
  if (words.length !== fields.length) {
    return [
      {
        ...whole,
        message: `${JSON.stringify(text)} has ${words.length} field${words.length === 1 ? "" : "s"}; a schedule has ${fields.length}`,
        cure: `write ${fields.map(({ name }) => name).join(", ")}: "0 18 * * 5" is Fridays at 18:00`,
      },
    ];
  }
  const wrong = fields.flatMap(({ name, takes }, index): CronSlip[] => {
    const { 0: word = "*", index: from = 0 } = words[index] ?? {};
    // Alone among fields that take everything: what fails then is this one.
    const alone = fields.map((_, other) => (other === index ? word : "*")).join(" ");
    if (cronOf(alone, "UTC") !== undefined) return [];
    return [
      {
        from,
        to: from + word.length,
        message: `${word} is no ${name}; that takes ${takes}`,
        cure: "write * for every one, 1,3 for some, 1-5 for a range, */2 for every second",
      },
    ];
  });
  if (wrong.length > 0) return wrong;
  const cron = cronOf(text, "UTC");
  if (cron === undefined)
    return [{ ...whole, message: `${text} is no schedule`, cure: "write five fields of cron" }];
  if (cron.nextRun(someday) !== null) return [];
  const [day, month, weekday] = [words[2], words[3], words[4]];
  const byDay = /\d/.test(day?.[0] ?? "") && weekday?.[0] === "*";
  return [
    {
      from: byDay ? (day?.index ?? 0) : 0,
      to: byDay ? (month?.index ?? 0) + (month?.[0].length ?? 0) : text.length,
      message: `${text} never happens${byDay ? `: no month ${month?.[0]} has a day ${day?.[0]}` : ""}`,
      cure: "choose a day that comes",
    },
  ];
}

/** Whether windows of such a length, one from each start, leave no gap between them. */
export function neverEnds(text: string, lasts: number, timezone: string): boolean {
  const cron = cronOf(text, timezone);
  const first = cron?.nextRun(someday)?.getTime();
  if (cron === undefined || first === undefined) return false;
  let start = first;
  for (let seen = 0; seen < STARTS && start - first < YEAR; seen += 1) {
    // The last start before this window ends, if there is one after its own.
    const next = cron.previousRuns(1, new Date(start + lasts + 1))[0]?.getTime() ?? start;
    if (next <= start) return false;
    start = next;
  }
  return true;
}

/** What croner makes of a schedule; `undefined` where it refuses it. */
function cronOf(text: string, timezone: string): Cron | undefined {
  try {
    return new Cron(text, { mode: "5-part", paused: true, timezone });
  } catch {
    // Its words name no place in the text; ours do.
    return undefined;
  }
}

/** The time zones that there are, by their IANA names. */
export function timezones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}

export function isTimezone(name: string): boolean {
  // A difference from UTC is none: it does not know summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // The only way to ask for old names too, such as Europe/Kiev.
    return false;
  }
}
