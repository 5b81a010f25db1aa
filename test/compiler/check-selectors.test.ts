import { describe, expect, test } from "vitest";
import { fleet, host, mail, said, schema, support, told } from "./check-kit.ts";

const hosts = {
  "fra-1.yaml": host("fra-1", "site: fra\nregion: de\nlabels: { rack: a, tier: gold }\n"),
  "fra-2.yaml": host("fra-2", "site: fra\nregion: de\nlabels: { rack: b }\n"),
  "ams-1.yaml": host("ams-1", "site: ams\nregion: nl\n"),
};
const where = (text: string) => ({
  ...fleet,
  ...mail,
  ...hosts,
  "s.yaml": support(`deployments: { ask: { model: mail, context: 64, where: ${text} } }\n`),
});

describe("a selector that no host meets is pointed at in the entry that rules out the last of them", () => {
  test.each([
    [
      "{ site: fra2 }",
      "no host has site fra2; hosts are at ams, fra | s.yaml: fra2",
      "did you mean fra?",
    ],
    [
      "{ region: ed }",
      "no host has region ed; hosts are in de, nl | s.yaml: ed",
      "did you mean de?",
    ],
    [
      "{ name: fra-3 }",
      "no host is called fra-3; there are ams-1, fra-1, fra-2 | s.yaml: fra-3",
      "did you mean fra-1?",
    ],
    [
      "{ rack: z9 }",
      "no host has rack z9; hosts have a, b | s.yaml: z9",
      "name one of these, or enrol such a host",
    ],
    [
      "{ sit: fra }",
      "no host has a label sit; labels are rack, tier | s.yaml: sit",
      "did you mean site?",
    ],
    [
      "{ constructor: x }",
      "no host has a label constructor; labels are rack, tier | s.yaml: constructor",
      "ask for name, site, region or a label that a host has, or label a host",
    ],
    [
      "{ site: fra, rack: b, tier: gold }",
      "of 1 host with site fra and rack b, none has tier gold; it has no such label | s.yaml: gold | s.yaml: fra | s.yaml: b",
      "change one of the two, or label a host",
    ],
    [
      "{ region: nl, site: fra }",
      "of 1 host with region nl, none has site fra; it has ams | s.yaml: fra | s.yaml: nl",
      "change one of the two, or label a host",
    ],
  ])("%s", (text, message, cure) => {
    const files = where(text);
    expect(said(files)).toEqual([`place/no-host-matches: ${message}`]);
    expect(told(files)[0]?.cure).toBe(cure);
  });

  test("each entry that no host meets by itself, in TypeScript as in YAML", () => {
    const files = {
      ...where("{}"),
      "s.yaml": "",
      "s.ts": `${schema}const far = { site: "zrh", rack: "a" };\nexport const s = factory({ name: "s", owner: "us", deployments: { ask: { model: "mail", context: 64, where: { ...far, zone: "1" } } } });`,
    };
    expect(said(files)).toEqual([
      'place/no-host-matches: no host has site zrh; hosts are at ams, fra | s.ts: "zrh"',
      "place/no-host-matches: no host has a label zone; labels are rack, tier | s.ts: zone",
    ]);
  });

  test.each([
    "{}",
    "{ site: fra }",
    "{ name: fra-2, rack: b }",
    "{ rack: a, tier: gold, region: de }",
  ])("%s is met", (text) => {
    expect(said(where(text))).toEqual([]);
  });

  test("what an author writes cannot forge lines of a message", () => {
    const [wrong] = told(where('{ rack: "a\\nerror[check/no-fleet]: forged" }'));
    expect(wrong?.message).not.toContain("\n");
  });
});

test("a region that nobody knows is reported where the dataset names it, with the nearest", () => {
  const files = {
    ...where("{}"),
    "fleet.yaml": `${fleet["fleet.yaml"]}regions: { eu: [de, nl, fr] }\n`,
    "d.yaml":
      "kind: dataset\nname: d\nclassification: internal\nresidency: [ue, fr, ch]\npurposes: [serve]\n",
  };
  expect(said(files, "error")).toEqual([
    "place/unknown-region: ue is no region of any host or hub and no group of the fleet | d.yaml: ue",
    "place/unknown-region: ch is no region of any host or hub and no group of the fleet | d.yaml: ch",
  ]);
  expect(told(files)[0]?.cure).toBe("did you mean eu?");
});

test.each([
  ["fleet.yaml", "telemetry: { every: 50ms }", "50ms is less than 100ms | fleet.yaml: 50ms"],
  ["fleet.yaml", "telemetry: { every: 0s }", "0s is less than 100ms | fleet.yaml: 0s"],
  [
    "mail.yaml",
    "smoke: { prompt: Hi, contains: x, within: 99999999999999999d }",
    "99999999999999999d is longer than can be counted | mail.yaml: 99999999999999999d",
  ],
  [
    "s.yaml",
    "feedback: { sample: 1, redact: nothing, keep: 99999999999999999d }",
    "99999999999999999d is longer than can be counted | s.yaml: 99999999999999999d",
  ],
])("a duration that no plan can hold is refused in %s: %s", (file, line, message) => {
  const files: Record<string, string> = where("{}");
  files[file] += `${line}\n`;
  expect(said(files)).toEqual([`check/invalid-value: ${message}`]);
});
