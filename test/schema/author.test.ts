import { adapter, definitionSchemas, factory, kinds, model, readerOf } from "@millwright/schema";
import { expect, test } from "vitest";

test("an author function returns its argument and the kind, and nothing else", () => {
  const base = model({ name: "m", source: "file:m.gguf" });
  expect(base).toEqual({ kind: "model", name: "m", source: "file:m.gguf" });
  const over = adapter({ name: "a", base, source: "file:a.gguf" });
  expect(over.base).toBe(base);
});

test("a misspelt field is a type error in the editor", () => {
  const base = model({ name: "m", source: "file:m.gguf" });
  // @ts-expect-error: `contxt` is no field of a deployment
  factory({ name: "f", owner: "o", deployments: { d: { model: base, context: 64, contxt: 5 } } });
  const over = adapter({ name: "a", base, source: "file:a.gguf" });
  // @ts-expect-error: an adapter's base is a model, not another adapter
  adapter({ name: "b", base: over, source: "file:b.gguf" });
});

test("every kind has a schema that takes its least form and refuses unknown fields", () => {
  const key = `ed25519:Aw${"A".repeat(41)}`;
  const least = {
    fleet: { name: "f", hubs: ["wss://hub.example"] },
    host: { name: "h", key, site: "s", region: "de", memory: "1GiB" },
    model: { name: "m", source: "https://models.example/m.gguf" },
    adapter: { name: "a", base: "m", source: "file:a.gguf" },
    dataset: { name: "d", classification: "internal", residency: ["eu"], purposes: ["serve"] },
    factory: { name: "f", owner: "o", deployments: { d: { model: "m", context: 512 } } },
    policy: { name: "p", on: "host", require: "true", message: "never said" },
  };
  for (const kind of kinds) {
    const read = readerOf(definitionSchemas[kind]);
    expect([kind, read({ kind, ...least[kind] }).ok]).toEqual([kind, true]);
    expect([kind, read({ kind, ...least[kind], surprise: 1 }).ok]).toEqual([kind, false]);
    expect([kind, read(Object.create({ kind, ...least[kind] })).ok]).toEqual([kind, false]);
  }
});
