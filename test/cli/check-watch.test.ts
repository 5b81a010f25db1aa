/** `check --watch`: what is wrong, again after each change. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../compiler/cli/cli.ts";
import { breakIt, example, millwright, NOON } from "./cli-kit.ts";

/** Watches a folder until `use` is done; `until` resolves when what was said since the last call matches. */
async function watching(
  folder: string,
  use: (until: (pattern: RegExp) => Promise<string>) => Promise<void>,
): Promise<{ readonly code: number }> {
  const stop = new AbortController();
  let said = "";
  let told = Promise.withResolvers<void>();
  const hear = (text: string) => {
    said += text;
    told.resolve();
    told = Promise.withResolvers();
  };
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(said)) await told.promise;
    const heard = said;
    said = "";
    return heard;
  };
  const ended = run(["check", "--watch", "--no-types"], {
    out: hear,
    err: hear,
    interactive: false,
    env: {},
    cwd: folder,
    signal: stop.signal,
    now: () => NOON,
  });
  await Promise.race([use(until), ended]);
  stop.abort();
  return { code: await ended };
}

test("tells what is wrong after each change, of one file or of a whole folder, and ends by Ctrl-C", async () => {
  const folder = example();
  const { code } = await watching(folder, async (until) => {
    expect(await until(/Waiting/)).toMatch(/^Sound: 3 hosts/);
    breakIt(folder);
    expect(await until(/Waiting/)).toMatch(/check\/unknown-field/);
    rmSync(join(folder, "factories/broken.yaml"));
    expect(await until(/Waiting/)).toMatch(/^Sound: 3 hosts/);
    renameSync(join(folder, "factories/hosts"), join(folder, "factories/.hosts"));
    expect(await until(/Waiting/)).not.toMatch(/Sound/);
    renameSync(join(folder, "factories/.hosts"), join(folder, "factories/hosts"));
    expect(await until(/Sound.*\n.*Waiting/)).toMatch(/Sound: 3 hosts/);
  });
  expect(code).toBe(0);
}, 30_000);

test("a file that means nothing to definitions wakes nobody", async () => {
  const folder = example();
  await watching(folder, async (until) => {
    await until(/Waiting/);
    writeFileSync(join(folder, "factories/notes.md"), "x");
    writeFileSync(
      join(folder, "factories/new.yaml"),
      "kind: model\nname: x\nsource: file:x.gguf\n",
    );
    const heard = await until(/Waiting/);
    expect(heard.match(/Waiting/g)).toHaveLength(1);
    expect(heard).toMatch(/lock\/missing|check\/unused/);
  });
}, 30_000);

test("a folder without definitions, and forms for machines, are refused at once", async () => {
  const folder = example();
  expect(await millwright(folder, "check", "--watch", "--json")).toMatchObject({ code: 2 });
  rmSync(join(folder, "factories"), { recursive: true });
  expect(await millwright(folder, "check", "--watch")).toMatchObject({ code: 3 });
});
