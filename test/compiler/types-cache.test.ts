/** Type errors are kept by the content that they follow from, and never believed without a look. */
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { typeErrors } from "../../compiler/types/types.ts";
import { never, saidOfWrong, shown, temporary, treeOf, wrong } from "./types-kit.ts";

describe("the cache", () => {
  const impossible = { timeMs: 0 };

  test("answers for the same files without tsc, and not for others", async () => {
    const settings = { cache: join(temporary(), "cache") };
    const first = await typeErrors(treeOf(wrong), settings, never);
    expect(shown(first, treeOf(wrong))).toEqual(saidOfWrong);
    const again = await typeErrors(treeOf(wrong), { ...settings, limits: impossible }, never);
    expect(again).toEqual(first);
    const other = treeOf({ "a.ts": `${wrong["a.ts"]} ` });
    const [stopped] = await typeErrors(other, { ...settings, limits: impossible }, never);
    expect(stopped?.code).toBe("types/too-long");
    const renamed = treeOf({ "b.ts": wrong["a.ts"] });
    const [too] = await typeErrors(renamed, { ...settings, limits: impossible }, never);
    expect(too?.code).toBe("types/too-long");
  });

  test("does not keep that a check was stopped", async () => {
    const cache = join(temporary(), "cache");
    await typeErrors(treeOf(wrong), { cache, limits: impossible }, never);
    expect(shown(await typeErrors(treeOf(wrong), { cache }, never), treeOf(wrong))).toEqual(
      saidOfWrong,
    );
  });

  test.each([
    ["no JSON", "[{"],
    ["another form", '[{ "code": "types/error" }]'],
    [
      "a code that there is not",
      '[{"code":"x/y","severity":"error","message":"m","cure":"c","at":{"file":"factories/a.ts","start":0,"end":1}}]',
    ],
    [
      "a place outside the files",
      '[{"code":"types/error","severity":"error","message":"m","cure":"c","at":{"file":"/etc/passwd","start":0,"end":1}}]',
    ],
    ["nothing", ""],
  ])("takes an entry that holds %s as none, and writes it anew", async (_, text) => {
    const cache = temporary();
    await typeErrors(treeOf(wrong), { cache }, never);
    const [name = ""] = readdirSync(cache);
    writeFileSync(join(cache, name), text);
    expect(shown(await typeErrors(treeOf(wrong), { cache }, never), treeOf(wrong))).toEqual(
      saidOfWrong,
    );
    expect(readFileSync(join(cache, name), "utf8")).toContain("TS2322");
  });

  test("holds 50 entries, of which the oldest go, and nothing half written", async () => {
    const cache = temporary();
    for (let index = 0; index < 60; index++) {
      const name = join(cache, `${String(index).padStart(64, "0")}.json`);
      writeFileSync(name, "[]");
      utimesSync(name, index, index);
    }
    await typeErrors(treeOf(wrong), { cache }, never);
    const names = readdirSync(cache);
    expect(names).toHaveLength(50);
    expect(names).not.toContain(`${"10".padStart(64, "0")}.json`);
    expect(names).toContain(`${"59".padStart(64, "0")}.json`);
    expect(names.filter((name) => !name.endsWith(".json"))).toEqual([]);
  });

  test("is nobody else's to read", async () => {
    const cache = join(temporary(), "a", "b");
    await typeErrors(treeOf(wrong), { cache }, never);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  test("that cannot be written to costs time, and nothing else", async () => {
    const file = join(temporary(), "file");
    writeFileSync(file, "");
    const found = await typeErrors(treeOf(wrong), { cache: join(file, "cache") }, never);
    expect(shown(found, treeOf(wrong))).toEqual(saidOfWrong);
  });
});
