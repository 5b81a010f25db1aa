import { describe, expect, test } from "vitest";
import { codesIn, fleet, host, mail, said, schema, support, told } from "./check-kit.ts";

const ask = "deployments: { ask: { model: mail, context: 4096 } }\n";

describe("nothing is said to be missing while a part of the text cannot be read", () => {
  /** A file of which nothing comes. */
  const broken = { "broken.ts": "export const = 1;" };

  test.each([
    ["no fleet", mail],
    ["a name of nothing", { ...fleet, ...mail, "s.yaml": support(`reads: [none]\n${ask}`) }],
    [
      "a selector that no host meets",
      {
        ...fleet,
        ...mail,
        "h.yaml": host("one"),
        "s.yaml": support(
          "deployments: { ask: { model: mail, context: 4096, where: { site: zrh } } }\n",
        ),
      },
    ],
    [
      "a region that nobody knows",
      {
        ...fleet,
        "d.yaml":
          "kind: dataset\nname: d\nclassification: internal\nresidency: [eu]\npurposes: [serve]\n",
      },
    ],
    ["what nobody uses", { ...fleet, ...mail }],
  ])("%s", (_, files) => {
    expect(codesIn(files)).not.toEqual([]);
    expect(codesIn({ ...files, ...broken })).toEqual(["evaluate/syntax"]);
  });

  test("what is wrong by itself is told all the same", () => {
    const files = {
      ...broken,
      ...fleet,
      ...mail,
      "again.yaml": "kind: model\nname: mail\nsource: 7\n",
      "s.yaml": support(`${ask}routes: { ask: { to: aks } }\n`),
    };
    expect(said(files).slice(1)).toEqual([
      "check/invalid-value: source must be a text, not 7 | again.yaml: 7",
      "check/duplicate-name: a second model is called mail | mail.yaml: mail | again.yaml: mail",
      "check/duplicate-name: a route is called ask, and so is a deployment | s.yaml: ask | s.yaml: ask",
      "check/route-to-nothing: the factory support has no deployment aks | s.yaml: aks",
    ]);
  });
});

describe("a definition that is broken in one place is checked in all others", () => {
  test("its routes, its references and its names", () => {
    const files = {
      ...fleet,
      ...mail,
      "s.yaml":
        "kind: factory\nname: support\ndeployments: { ask: { model: mial, context: 4096 } }\nroutes: { help: { to: aks, fallback: [help] } }\n",
    };
    expect(said(files, "error")).toEqual([
      "check/missing-field: factory has no owner | s.yaml: support",
      "check/unknown-name: there is no model mial | s.yaml: mial",
      "check/route-to-nothing: the factory support has no deployment aks | s.yaml: aks",
      "check/fallback-cycle: the route help falls back to itself | s.yaml: help",
    ]);
  });

  test("a name that cannot be one is no unknown name as well", () => {
    const files = {
      ...fleet,
      ...mail,
      "s.yaml": support(
        "deployments: { Ask: { model: mail, context: 4096 } }\nroutes: { help: { to: Ask } }\n",
      ),
    };
    expect(codesIn(files)).toEqual(["check/invalid-value"]);
  });

  test("a host that is broken may be the one that a selector means", () => {
    const files = {
      ...fleet,
      ...mail,
      "one.yaml": host("one"),
      "two.yaml": host("two", "site: 7\nregion: ch\n"),
      "s.yaml": support(
        "deployments: { ask: { model: mail, context: 4096, where: { site: zrh } } }\n",
      ),
    };
    expect(codesIn(files)).toEqual(["check/invalid-value"]);
  });

  test("deployments that came to nothing are not said to lack what routes lead to", () => {
    const files = {
      ...fleet,
      "s.ts": `${schema}export const s = factory({ name: "s", owner: "us", deployments: { ...none }, routes: { help: { to: "ask" } } });`,
    };
    expect(codesIn(files)).toEqual(["evaluate/unknown-identifier"]);
  });
});

describe("what stands twice is told once", () => {
  const one = support(ask);

  test("the deployments of a factory that stands twice are no duplicates of their own", () => {
    const files = { ...fleet, ...mail, "one.yaml": one, "two.yaml": one };
    expect(said(files)).toEqual([
      "check/duplicate-name: a second factory is called support | two.yaml: support | one.yaml: support",
    ]);
  });

  test("nor is the key of a host that stands twice", () => {
    const files = { ...fleet, "one.yaml": host("one"), "two.yaml": host("one") };
    expect(codesIn(files)).toEqual(["check/duplicate-name"]);
  });

  test("hosts that share the text of a key are pointed at by their names", () => {
    const key = `ed25519:Aw${"A".repeat(41)}`;
    const files = {
      ...fleet,
      "h.ts": `${schema}const all = { key: "${key}", site: "fra", region: "de", memory: "2GiB" };\nexport const a = host({ ...all, name: "a" });\nexport const b = host({ ...all, name: "b" });`,
    };
    expect(said(files)).toEqual([
      `check/duplicate-key: b has the key of a | h.ts: "b" | h.ts: "a" | h.ts: "${key}"`,
    ]);
  });
});

describe("what nobody uses is a warning at its name", () => {
  const data = (name: string) =>
    `kind: dataset\nname: ${name}\nclassification: internal\nresidency: [de]\npurposes: [serve]\n`;
  const polite = "kind: adapter\nname: polite\nbase: mail\nsource: file:a\n";
  const sound = { ...fleet, ...mail, "h.yaml": host("one"), "s.yaml": support(ask) };

  test("a model, an adapter and a dataset", () => {
    const files = {
      ...sound,
      "a.yaml": polite,
      "d.yaml": data("orders"),
      "m.ts": `${schema}export const m = model({ name: "m", source: "file:m" });`,
    };
    expect(said(files)).toEqual([
      'check/unused: no deployment uses the model m | m.ts: "m"',
      "check/unused: no deployment uses the adapter polite | a.yaml: polite",
      "check/unused: no factory or adapter uses the dataset orders | d.yaml: orders",
    ]);
  });

  test("what an unused adapter uses is not told besides", () => {
    const files = {
      ...sound,
      "a.yaml": `${polite.replace("mail", "other")}trainedOn: [orders]\n`,
      "m.yaml": "kind: model\nname: other\nsource: file:m\n",
      "d.yaml": data("orders"),
    };
    expect(said(files)).toEqual([
      "check/unused: no deployment uses the adapter polite | a.yaml: polite",
    ]);
  });

  test("an adapter that learned from the data of a factory that runs its model waits to be used", () => {
    const files = {
      ...sound,
      "s.yaml": support(`reads: [orders]\n${ask}`),
      "a.yaml": `${polite}trainedOn: [orders]\n`,
      "d.yaml": data("orders"),
    };
    expect(said(files)).toEqual([]);
  });

  test("a model that a misspelt name may have meant is not told", () => {
    const files = { ...sound, "s.yaml": support(ask.replace("mail", "mial")) };
    expect(codesIn(files)).toEqual(["check/unknown-name"]);
  });
});

test("thousands of misspelt names are told at once, the first of them with what was meant", () => {
  const name = (index: number) => `model-${index}-of-a-very-long-name`;
  const count = 3_000;
  const indices = Array.from({ length: count }, (_, index) => index);
  const files = {
    ...fleet,
    "m.yaml": indices
      .map((index) => `kind: model\nname: ${name(index)}\nsource: file:m\n`)
      .join("---\n"),
    "s.yaml": support(
      `deployments:\n${indices.map((index) => `  d${index}: { model: ${name(index).replace("o", "a")}, context: 64 }\n`).join("")}`,
    ),
  };
  const before = performance.now();
  const found = told(files);
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(found).toHaveLength(count);
  expect(found[0]?.cure).toBe(`did you mean ${name(0)}?`);
});
