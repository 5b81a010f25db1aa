/** schema/ROUTES.md: its routes are checked, and its list of variables is that of hosts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { predicateVariables } from "@millwright/schema";
import { expect, test } from "vitest";
import { codesIn, fleet, mail } from "./check-kit.ts";

const page = readFileSync(join(import.meta.dirname, "../../schema/ROUTES.md"), "utf8");
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);

test("every route on the page can be copied", () => {
  expect(blocks.length).toBeGreaterThan(3);
  const small = '{ model: "mail", context: 64 }';
  const routes = blocks.join("");
  const files = {
    ...fleet,
    ...mail,
    "s.ts": `import { factory } from "@millwright/schema";\nexport const f = factory({ name: "f", owner: "o", deployments: { triage: ${small}, careful: ${small}, "triage-next": ${small} }, routes: {\n${routes}} });\n`,
  };
  expect(codesIn(files)).toEqual([]);
});

test("it names every variable with its type, and no others", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [
    name,
    type,
  ]);
  const known = Object.entries(predicateVariables).map(([name, { type }]) => [name, type]);
  expect(rows).toEqual(known);
});
