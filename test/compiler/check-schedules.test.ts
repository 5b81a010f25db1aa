import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { said, schema, told } from "./check-kit.ts";

interface Freeze {
  readonly starts?: string;
  readonly lasts?: string;
  readonly timezone?: string;
}

function fleetWith({ starts = "0 18 * * 5", lasts = "2d", timezone = "UTC" }: Freeze) {
  const fields = [starts, lasts, timezone].map((text) => JSON.stringify(text));
  return {
    "fleet.yaml": `kind: fleet\nname: mills\nhubs: [wss://hub.example.org]\nfreeze:\n  window: { starts: ${fields[0]}, lasts: ${fields[1]}, timezone: ${fields[2]} }\n`,
  };
}

describe("a schedule is pointed at where it is wrong, with what may stand there", () => {
  test.each([
    ["60 * * * *", "60 is no minute; that takes 0 to 59", "60"],
    ["0 24 * * *", "24 is no hour; that takes 0 to 23", "24"],
    ["0 0 0 * *", "0 is no day of the month; that takes 1 to 31, or L for the last", "0"],
    ["0 0 1 JAM *", "JAM is no month; that takes 1 to 12, or JAN to DEC", "JAM"],
    ["0 0 1 3,13 *", "3,13 is no month; that takes 1 to 12, or JAN to DEC", "3,13"],
    [
      "0 0 * * 8",
      "8 is no day of the week; that takes 0 to 7, or SUN to SAT; 0 and 7 are Sunday",
      "8",
    ],
    ["*/0 * * * *", "*/0 is no minute; that takes 0 to 59", "*/0"],
    ["0 0 * *", '"0 0 * *" has 4 fields; a schedule has 5', "0 0 * *"],
    ["0 0 0 * * *", '"0 0 0 * * *" has 6 fields; a schedule has 5', "0 0 0 * * *"],
    ["@daily", '"@daily" has 1 field; a schedule has 5', "@daily"],
    ["0 0 31 2 *", "0 0 31 2 * never happens: no month 2 has a day 31", "31 2"],
    ["0 0 31 4,6 *", "0 0 31 4,6 * never happens: no month 4,6 has a day 31", "31 4,6"],
  ])("%s", (starts, message, pointed) => {
    const files = fleetWith({ starts });
    expect(said(files)).toEqual([`check/schedule: ${message} | fleet.yaml: ${pointed}`]);
  });

  test("each field that is wrong, in TypeScript too", () => {
    const text = `${schema}export const f = fleet({ name: "mills", hubs: ["wss://hub.example.org"], freeze: { end: { starts: "61 18 28 13 *", lasts: "3d" } } });`;
    expect(said({ "fleet.ts": text })).toEqual([
      "check/schedule: 61 is no minute; that takes 0 to 59 | fleet.ts: 61",
      "check/schedule: 13 is no month; that takes 1 to 12, or JAN to DEC | fleet.ts: 13",
    ]);
  });

  test.each([
    "0 18 28 3,6,9,12 *",
    "0 0 29 2 *",
    "*/15 9-17 * * MON-FRI",
    "0 0 L * *",
    "0 0 ? * 5#5",
  ])("%s is one", (starts) => {
    expect(said(fleetWith({ starts, lasts: "1m" }))).toEqual([]);
  });

  test("any text at all ends in a schedule or in a diagnostic", () => {
    const word = fc.stringMatching(/^[0-9A-Za-z*,/#?LW-]{1,8}$/);
    const texts = fc.oneof(
      fc.string({ minLength: 1, maxLength: 100 }),
      fc.tuple(word, word, word, word, word).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(texts, (starts) => {
        for (const { code } of told(fleetWith({ starts, lasts: "1h" })))
          expect(code).toBe("check/schedule");
      }),
    );
  });
});

describe("a window lasts from a minute to a month, and ends", () => {
  test.each(["59s", "32d", "99999999999999999d"])("not %s", (lasts) => {
    const [wrong, ...others] = said(fleetWith({ starts: "0 0 1 1 *", lasts }));
    expect(others).toEqual([]);
    expect(wrong).toMatch(
      /^check\/schedule: window lasts .* a window lasts (1m|31d) at (least|most)/,
    );
  });

  test.each([
    ["0 22 * * *", "24h", "UTC"],
    ["0 22 * * *", "25h", "Europe/Berlin"],
    ["* * * * *", "1m", "UTC"],
    ["0 0 * * 1", "7d", "UTC"],
    ["0 0 1 * *", "31d", "UTC"],
  ])("%s for %s in %s never ends", (starts, lasts, timezone) => {
    const [wrong, ...others] = told(fleetWith({ starts, lasts, timezone }));
    expect(others).toEqual([]);
    expect(wrong).toMatchObject({ code: "check/schedule", severity: "warning" });
    expect(wrong?.message).toContain("never ends");
  });

  test.each([
    ["0 22 * * *", "23h", "UTC"],
    // In autumn a day has 25 hours.
    ["0 22 * * *", "24h", "Europe/Berlin"],
    ["* 8-18 * * *", "5m", "UTC"],
    ["0 0 * * 1", "6d", "UTC"],
    ["0 0 * * 1-5", "2d", "UTC"],
    ["0 0 1 * *", "30d", "UTC"],
  ])("%s for %s in %s does", (starts, lasts, timezone) => {
    expect(told(fleetWith({ starts, lasts, timezone }))).toEqual([]);
  });
});

describe("a time zone is one of the world's", () => {
  test.each(["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Europe/Kiev"])(
    "%s is one",
    (timezone) => {
      expect(said(fleetWith({ timezone }))).toEqual([]);
    },
  );

  test.each([
    ["Europe/Berln", "did you mean Europe/Berlin?"],
    ["Berlin", "did you mean Europe/Berlin?"],
    ["+02:00", "write an IANA name such as Europe/Berlin, or leave it out for UTC"],
    ["Middle Earth", "write an IANA name such as Europe/Berlin, or leave it out for UTC"],
  ])("%s is none", (timezone, cure) => {
    expect(told(fleetWith({ timezone }))).toMatchObject([{ code: "check/schedule", cure }]);
  });
});
