// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
/** An evaluation with a memory says what one without it says, and gives unchanged definitions again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluated, newMemory } from "../../compiler/evaluate/evaluate.ts";

const contents = {
  "shared.ts": [
    "export const memory = 1; export const f = (n: number) => n + 1;",
    "export const memory = 2; export const f = (n: number) => n * 2;",
    "export const memory = oops; export const f = (n: number) => n.x.y;",
    "import { a } from './a.ts'; export const memory = a; export const f = (n: number) => n;",
    "export const memory = 1; export const f = (n: any): any => f(n);",
    "export const memory = ;",
  ],
  "a.ts": [
    'import { host } from "@millwright/schema"; import { memory, f } from "./shared.ts"; export const a = host({ name: "a", memory: f(memory) } as any);',
    'import { host } from "@millwright/schema"; export const a = host({ name: "a", memory: 5 } as any);',
    'import { host } from "@millwright/schema"; import { gone } from "./shared.ts"; export const a = host({ name: gone } as any);',
  ],
  "b.ts": [
    'import { model } from "@millwright/schema"; import { f } from "./shared.ts"; export const b = [1, 2].map((n) => model({ name: `m${f(n)}` } as any));',
    "export const b = 1;",
  ],
  "c.yaml": ["kind: host\nname: c\n", "kind: hots\n", "name: c\n", "kind: [\n", ""],
} as const;

const file = fc.constantFrom(...(Object.keys(contents) as (keyof typeof contents)[]));
const edits = fc.array(
  file.chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(undefined, ...contents[name]))),
  { maxLength: 12 },
);

function treeOf(files: ReadonlyMap<string, string>) {
  const bytes = [...files].map(([name, text]) => [`factories/${name}`, Buffer.from(text)] as const);
  return { repository: "test", files: new Map(bytes) };
}

test("whatever is edited, in whatever order, the result is that of reading everything anew", () => {
  fc.assert(
    fc.property(edits, (steps) => {
      const memory = newMemory();
      const files = new Map<string, string>();
      for (const [name, text] of steps) {
        if (text === undefined) files.delete(name);
        else files.set(name, text);
        const { definitions, found, whole } = evaluated(treeOf(files), memory);
        const anew = evaluated(treeOf(files));
        expect(found).toEqual(anew.found);
        expect(whole).toBe(anew.whole);
        expect(spell(definitions)).toEqual(spell(anew.definitions));
      }
    }),
    { numRuns: 300, seed: 20_261_123 },
  );
});

function spell(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part instanceof Map ? [...part] : typeof part === "function" ? "function" : part,
  );
}

test("an edit of one file leaves the definitions of the others identical", () => {
  const memory = newMemory();
  const files = new Map<string, string>([
    ["shared.ts", contents["shared.ts"][0]],
    ["a.ts", contents["a.ts"][0]],
    ["b.ts", contents["b.ts"][0]],
    ["c.yaml", contents["c.yaml"][0]],
  ]);
  const before = evaluated(treeOf(files), memory).definitions;
  files.set("a.ts", contents["a.ts"][1]);
  const after = evaluated(treeOf(files), memory).definitions;
  expect(after.map((definition, at) => definition === before[at])).toEqual([
    false,
    true,
    true,
    true,
  ]);
  files.set("shared.ts", contents["shared.ts"][1]);
  const last = evaluated(treeOf(files), memory).definitions;
  expect(last.map((definition, at) => definition === after[at])).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
