import { describe, expect, test } from "vitest";
import { check } from "../../compiler/check/check.ts";
import type { Diagnostic } from "../../compiler/diagnostic/diagnostic.ts";
import { evaluate } from "../../compiler/evaluate/evaluate.ts";
import { said as all, type Files, fleet, mail, schema, support, told } from "./check-kit.ts";

const key = `ed25519:Aw${"A".repeat(41)}`;
const host = (name: string) =>
  `kind: host\nname: ${name}\nkey: ${key}\nsite: fra\nregion: de\nmemory: 2GiB\n`;

function checked(files: Files) {
  const entries = Object.entries(files).map(
    ([path, text]) => [`factories/${path}`, Buffer.from(text)] as const,
  );
  const evaluated = evaluate({ repository: "test", files: new Map(entries) });
  if (!evaluated.ok) throw new Error(evaluated.problems.map(({ message }) => message).join("\n"));
  return check(evaluated.value);
}

/** Errors: each case stands alone, so most of what it defines is used by nobody. */
function problemsOf(files: Files): readonly Diagnostic[] {
  return told(files).filter(({ severity }) => severity === "error");
}

function said(files: Files): readonly string[] {
  return all(files, "error");
}

describe("each rule speaks once, where the mistake stands", () => {
  test.each<[rule: string, files: Files, expected: string]>([
    ["no fleet", mail, "check/no-fleet: there is no fleet definition | nowhere"],
    [
      "two fleets, in YAML and TypeScript",
      {
        ...fleet,
        "other.ts": `${schema}export const b = fleet({ name: "other", hubs: ["wss://b"] });`,
      },
      'check/two-fleets: a second fleet, other | other.ts: "other" | fleet.yaml: mills',
    ],
    [
      "two models of a name, in YAML and TypeScript",
      {
        ...fleet,
        "a.ts": `${schema}export const a = model({ name: "mail", source: "file:a" });`,
        ...mail,
      },
      'check/duplicate-name: a second model is called mail | mail.yaml: mail | a.ts: "mail"',
    ],
    [
      "a deployment and a route of a name",
      {
        ...fleet,
        ...mail,
        "s.yaml": support(
          "deployments: { ask: { model: mail, context: 4096 } }\nroutes: { ask: { to: ask } }\n",
        ),
      },
      "check/duplicate-name: a route is called ask, and so is a deployment | s.yaml: ask | s.yaml: ask",
    ],
    [
      "two hosts of a key",
      { ...fleet, "one.yaml": host("one"), "two.yaml": host("two") },
      `check/duplicate-key: two has the key of one | two.yaml: ${key} | one.yaml: ${key}`,
    ],
    [
      "a name of nothing, in YAML",
      {
        ...fleet,
        ...mail,
        "s.yaml": support("deployments: { ask: { model: mial, context: 4096 } }\n"),
      },
      "check/unknown-name: there is no model mial | s.yaml: mial",
    ],
    [
      "a name of nothing, in TypeScript",
      {
        ...fleet,
        "a.ts": `${schema}export const a = adapter({ name: "a", base: "mial", source: "file:a" });`,
      },
      'check/unknown-name: there is no model mial | a.ts: "mial"',
    ],
    [
      "a definition of another kind",
      {
        ...fleet,
        "a.ts": `${schema}export const one = adapter({ name: "one", base: "mail", source: "file:a" });\nexport const two = adapter({ name: "two", base: one as any, source: "file:a" });`,
        ...mail,
      },
      "check/wrong-kind: a model is wanted here; one is an adapter | a.ts: one as any",
    ],
    [
      "an adapter is wanted",
      {
        ...fleet,
        ...mail,
        "s.ts": `${schema}export const m = model({ name: "m", source: "file:m" });\nexport const s = factory({ name: "s", owner: "us", deployments: { ask: { model: m, adapter: m as any, context: 4096 } } });`,
      },
      "check/wrong-kind: an adapter is wanted here; m is a model | s.ts: m as any",
    ],
    [
      "a field that there is not, in YAML",
      { ...fleet, "m.yaml": "kind: model\nname: m\nsource: file:m\nsuorce: file:m\n" },
      "check/unknown-field: model has no field suorce | m.yaml: suorce",
    ],
    [
      "a field that there is not, in TypeScript",
      {
        ...fleet,
        "m.ts": `${schema}export const m = model({ name: "m", source: "file:m", size: 1 } as any);`,
      },
      "check/unknown-field: model has no field size | m.ts: size",
    ],
    [
      "a field that is not there, in YAML",
      { ...fleet, "m.yaml": "kind: model\nname: m\n" },
      "check/missing-field: model has no source | m.yaml: m",
    ],
    [
      "a field that is not there, in TypeScript",
      { ...fleet, "m.ts": `${schema}export const m = model({ name: "m" } as any);` },
      'check/missing-field: model has no source | m.ts: "m"',
    ],
    [
      "a value out of its bounds",
      {
        ...fleet,
        ...mail,
        "s.yaml": support("deployments: { ask: { model: mail, context: 1 } }\n"),
      },
      "check/invalid-value: context must be at least 64, not 1 | s.yaml: 1",
    ],
    [
      "a value of another type, which breaks no second rule",
      { ...fleet, "m.ts": `${schema}export const m = model({ name: "m", source: [1] } as any);` },
      "check/invalid-value: source must be a text, not [1] | m.ts: [1]",
    ],
    [
      "a kind that there is not, over that of the function",
      { ...fleet, "m.ts": `${schema}export const m = model({ kind: "modle", name: "m" } as any);` },
      'check/invalid-value: there is no kind of definition modle | m.ts: "modle"',
    ],
    [
      "a route to nothing",
      {
        ...fleet,
        ...mail,
        "s.yaml": support(
          "deployments: { ask: { model: mail, context: 4096 } }\nroutes: { help: { to: aks } }\n",
        ),
      },
      "check/route-to-nothing: the factory support has no deployment aks | s.yaml: aks",
    ],
    [
      "an adapter over another model",
      {
        ...fleet,
        ...mail,
        "a.yaml": "kind: adapter\nname: polite\nbase: mail\nsource: file:a\n",
        "m.yaml": "kind: model\nname: other\nsource: file:m\n",
        "s.yaml": support(
          "deployments: { ask: { model: other, adapter: polite, context: 4096 } }\n",
        ),
      },
      "check/adapter-of-another-model: the adapter polite corrects mail; ask runs other | s.yaml: polite | s.yaml: other | a.yaml: mail",
    ],
  ])("%s", (_, files, expected) => {
    expect(said(files)).toEqual([expected]);
  });
});

describe("a definition that is passed itself means itself", () => {
  const hidden = `${schema}const mine = model({ name: "mail", source: "file:mine" });\n`;

  test("the exported one is found, from any file and under any name", () => {
    const stage = checked({
      ...fleet,
      "m.ts": `${schema}const mine = model({ name: "mail", source: "file:m" });\nexport { mine as other };`,
      "a.ts": `${schema}import { other } from "./m.ts";\nexport const a = adapter({ name: "a", base: other, source: "file:a" });`,
    });
    expect(stage.ok && stage.value.adapters.get("a")?.value.base).toBe("mail");
  });

  test("one that is not exported is never taken for another of its name", () => {
    const files = {
      ...fleet,
      ...mail,
      "a.ts": `${hidden}export const a = adapter({ name: "a", base: mine, source: "file:a" });`,
    };
    expect(said(files)).toEqual([
      "check/unknown-name: the model mail is used here but never exported | a.ts: mine | mail.yaml: mail",
    ]);
  });

  test("one that is not exported, with no other of its name", () => {
    const text = `${hidden}export const a = adapter({ name: "a", base: mine, source: "file:a" });`;
    expect(problemsOf({ ...fleet, "a.ts": text })).toMatchObject([
      { code: "check/unknown-name", cure: "export it where it is declared" },
    ]);
  });

  test("a copy with other fields is another one", () => {
    const files = {
      ...fleet,
      "a.ts": `${schema}export const m = model({ name: "mail", source: "file:m" });\nexport const a = adapter({ name: "a", base: { ...m, source: "file:x" }, source: "file:a" });`,
    };
    expect(said(files)).toEqual([
      'check/unknown-name: the model mail is used here but never exported | a.ts: { ...m, source: "file:x" } | a.ts: "mail"',
    ]);
  });

  test("its own mistakes are not repeated where it is used", () => {
    const files = {
      ...fleet,
      "a.ts": `${schema}export const m = model({ source: "file:m" } as any);\nexport const a = adapter({ name: "a", base: m, source: "file:a" });`,
    };
    expect(said(files)).toEqual(["check/missing-field: model has no name | a.ts: m"]);
  });
});

describe("no mistake hides another, and none follows from another", () => {
  test("two definitions without a name are no duplicates", () => {
    const text = "kind: model\nsource: file:m\n---\nkind: model\nsource: file:n\n";
    expect(problemsOf({ ...fleet, "m.yaml": text }).map(({ message }) => message)).toEqual([
      "model has no name",
      "model has no name",
    ]);
  });

  test("a second fleet without a name is a second fleet", () => {
    const text = "kind: fleet\nhubs: [wss://hub.example.org]\n";
    expect(said({ ...fleet, "two.yaml": text })).toEqual([
      "check/missing-field: fleet has no name | two.yaml: fleet",
      "check/two-fleets: a second fleet | two.yaml: fleet | fleet.yaml: mills",
    ]);
  });

  test("an empty reference is refused for being empty, not for leading nowhere", () => {
    const text = 'kind: adapter\nname: a\nbase: ""\nsource: file:a\n';
    expect(said({ ...fleet, "a.yaml": text })).toEqual([
      'check/invalid-value: base must not be empty | a.yaml: ""',
    ]);
  });

  test("beside what JSON cannot say, the other mistakes are told; what was left out is not missed", () => {
    const text = `${schema}export const s = factory({ name: "s", owner: undefined, deployments: { ask: { model: "mail", context: 0 / 0, replicas: 0 }, "a/b~c": undefined }, reads: [undefined, 7] } as any);`;
    expect(said({ ...fleet, ...mail, "s.ts": text }).map((line) => line.split(" | ")[0])).toEqual([
      "evaluate/not-a-value: a definition cannot hold undefined",
      "evaluate/not-a-value: a definition cannot hold NaN",
      "evaluate/not-a-value: a definition cannot hold undefined",
      "evaluate/not-a-value: a definition cannot hold undefined",
      "check/invalid-value: reads[1] must be a text, not 7",
      "check/invalid-value: replicas must be at least 1, not 0",
    ]);
  });

  test("references to an invalid definition are references still", () => {
    const text = "kind: model\nname: m\n---\nkind: adapter\nname: a\nbase: m\nsource: file:a\n";
    expect(said({ ...fleet, "m.yaml": text })).toEqual([
      "check/missing-field: model has no source | m.yaml: m",
    ]);
  });
});

test("what is sound comes by name, in order, references as names, every value with its place", () => {
  const files = {
    ...fleet,
    "z.ts": `${schema}export const z = model({ name: "z", source: "file:z" });\nexport const s = factory({ name: "s", owner: "us", deployments: { ask: { model: z, context: 4096 } } });`,
    ...mail,
  };
  const stage = checked(files);
  if (!stage.ok) throw new Error(stage.problems.map(({ message }) => message).join("\n"));
  expect([...stage.value.models.keys()]).toEqual(["mail", "z"]);
  const factory = stage.value.factories.get("s");
  expect(factory?.value.deployments).toEqual({ ask: { model: "z", context: 4096 } });
  const context = factory?.spanOf(["deployments", "ask", "context"]);
  expect(files["z.ts"].slice(context?.start, context?.end)).toBe("4096");
  // What was not written is where it would have been.
  const gpus = factory?.spanOf(["deployments", "ask", "gpus"]);
  expect(files["z.ts"].slice(gpus?.start, gpus?.end)).toBe("{ model: z, context: 4096 }");
});
