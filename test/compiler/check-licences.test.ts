import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { said, schema, told } from "./check-kit.ts";

const fleetAllowing = (licences: string) => ({
  "fleet.yaml": `kind: fleet\nname: mills\nhubs: [wss://hub.example.org]\nlicences: ${licences}\n`,
});
const under = (licence: string) => ({
  "m.yaml": `kind: model\nname: m\nsource: file:m\nlicence: ${JSON.stringify(licence)}\n`,
});
const anyFleet = { "fleet.yaml": "kind: fleet\nname: mills\nhubs: [wss://hub.example.org]\n" };

function isAllowed(licence: string, allowed: readonly string[]): boolean {
  const files = { ...fleetAllowing(JSON.stringify(allowed)), ...under(licence) };
  const errors = told(files).filter(({ severity }) => severity === "error");
  expect(errors.every(({ code }) => code === "check/licence-not-allowed")).toBe(true);
  return errors.length === 0;
}

describe("a licence is an SPDX expression", () => {
  test.each([
    "MIT",
    "Apache-2.0 OR MIT",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "(MIT AND BSD-3-Clause) OR LicenseRef-acme-1.0",
    "DocumentRef-terms:LicenseRef-acme",
    "GPL-2.0+",
    "MIT or Apache-2.0",
  ])("%s", (licence) => {
    expect(said({ ...anyFleet, ...under(licence) }, "error")).toEqual([]);
  });

  test.each([
    ["mit", "mit", "did you mean MIT?"],
    ["Apache 2", "Apache 2", "did you mean Apache-2.0?"],
    ["Apache License, Version 2.0", "Apache License, Version 2.0", "did you mean Apache-2.0?"],
    ["MIT License", "MIT License", "did you mean MIT?"],
    ["GPLv3", "GPLv3", "did you mean GPL-3.0-only?"],
    ["MIT OR apache-2.0", "apache-2.0", "did you mean Apache-2.0?"],
    ["proprietary", "proprietary", "LicenseRef-"],
    ["MIT AND", "MIT AND", "join licences with AND or OR"],
    ["(MIT", "(MIT", "close every ("],
    ["MIT Apache-2.0", "MIT Apache-2.0", "join licences with AND or OR"],
    ["$MIT", "$MIT", "did you mean MIT?"],
  ])("%s is none, and its cure is at hand", (licence, pointed, cure) => {
    const files = { ...anyFleet, ...under(licence) };
    const [wrong, ...others] = told(files).filter(({ severity }) => severity === "error");
    expect(others).toEqual([]);
    expect(wrong?.code).toBe("check/licence");
    expect(wrong?.cure).toContain(cure);
    expect(files["m.yaml"].slice(wrong?.at?.start, wrong?.at?.end)).toBe(pointed);
  });

  test("any text at all ends in a licence or in a diagnostic", () => {
    const texts = fc.oneof(
      fc.string({ minLength: 1, maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            "(",
            ")",
            "+",
            " ",
            "AND",
            "OR",
            "WITH",
            "MIT",
            "GPL-2.0",
            "LicenseRef-",
            ":",
          ),
          { minLength: 1, maxLength: 60 },
        )
        .map((words) => words.join("")),
    );
    fc.assert(
      fc.property(texts, (licence) => {
        const codes = told({ ...anyFleet, ...under(licence) }).map(({ code }) => code);
        expect(codes.filter((code) => !/^check\/(licence|unused)$/.test(code))).toEqual([]);
      }),
    );
  });

  test("a text that was not written as it is is pointed at as a whole", () => {
    const text = `${schema}const l = "MI";\nexport const m = model({ name: "m", source: "file:m", licence: \`Apache-2.0 OR \${l}\` });`;
    const [wrong] = said({ ...anyFleet, "m.ts": text }, "error");
    expect(wrong).toMatch(/\| m\.ts: `Apache-2\.0 OR \$\{l\}`$/);
  });
});

describe("a fleet that says which licences it allows allows no other", () => {
  test.each([
    ["MIT", ["MIT"], true],
    ["MIT", ["Apache-2.0"], false],
    ["MIT OR GPL-3.0-only", ["MIT"], true],
    ["MIT AND GPL-3.0-only", ["MIT"], false],
    ["MIT AND (GPL-3.0-only OR Apache-2.0)", ["MIT", "Apache-2.0"], true],
    ["MIT OR GPL-3.0-only AND BSD-3-Clause", ["GPL-3.0-only"], false],
    ["GPL-2.0-or-later", ["GPL-3.0-only"], true],
    ["GPL-2.0+", ["GPL-3.0-only"], true],
    ["GPL-3.0-or-later", ["GPL-2.0-only"], false],
    ["GPL-3.0-only", ["GPL-2.0-or-later"], true],
    ["GPL-2.0-only", ["GPL-3.0-only"], false],
    ["LGPL-2.1-only", ["GPL-2.0-or-later"], false],
    ["GPL-2.0", ["GPL-2.0-only"], true],
    ["CC-BY-4.0", ["CC-BY-SA-4.0"], false],
    ["Apache-2.0 WITH LLVM-exception", ["Apache-2.0"], false],
    ["Apache-2.0 WITH LLVM-exception", ["Apache-2.0 WITH LLVM-exception"], true],
    ["Apache-2.0", ["Apache-2.0 WITH LLVM-exception"], false],
    ["LicenseRef-acme-1.0", ["LicenseRef-acme-1.0"], true],
    ["LicenseRef-acme-2.0", ["LicenseRef-acme-1.0"], false],
  ])("%s under %j: %s", (licence, allowed, expected) => {
    expect(isAllowed(licence, allowed)).toBe(expected);
  });

  test("and wants one said of every model and adapter, in YAML and TypeScript", () => {
    const files = {
      ...fleetAllowing("[MIT]"),
      "a.yaml": "kind: adapter\nname: a\nbase: m\nsource: file:a\n",
      "m.ts": `${schema}export const m = model({ name: "m", source: "file:m" });`,
    };
    expect(said(files, "error")).toEqual([
      'check/licence-not-allowed: the model m says no licence; mills allows MIT | m.ts: "m" | fleet.yaml: [MIT]',
      "check/licence-not-allowed: the adapter a says no licence; mills allows MIT | a.yaml: a | fleet.yaml: [MIT]",
    ]);
  });

  test("a list with a slip in it allows nobody knows what, so nobody is refused", () => {
    expect(said({ ...fleetAllowing("[mit]"), ...under("Apache-2.0") }, "error")).toEqual([
      "check/licence: SPDX lists no licence mit | fleet.yaml: mit",
    ]);
  });

  test("a misspelt field is not a missing licence besides", () => {
    const files = {
      ...fleetAllowing("[MIT]"),
      "m.yaml": "kind: model\nname: m\nsource: file:m\nlicense: MIT\n",
    };
    expect(said(files)).toEqual([
      "check/unknown-field: model has no field license | m.yaml: license",
    ]);
  });

  test("the licence that stands in the way is pointed at, not the whole expression", () => {
    const files = { ...fleetAllowing("[MIT]"), ...under("MIT AND (Zlib OR ISC) AND MIT") };
    expect(said(files, "error")).toEqual([
      "check/licence-not-allowed: the model m is under ISC, Zlib; mills allows MIT | m.yaml: Zlib OR ISC | fleet.yaml: [MIT]",
    ]);
  });
});
