/** The power goes while a host is being made: `init`, given once more, comes through, and never makes a second host of one. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";
import { readIdentity, stateIn } from "../../agent/disk/disk.ts";
import { fleetOf } from "../agent/trust-kit.ts";
import { imagesOf, layDown } from "./images.ts";
import { isLasting } from "./life-kit.ts";
import { recordWrites } from "./write-log.ts";

test("at every moment of init", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mw-init-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "root.json"), fleetOf().rootBytes);
  const first = join(folder, "first", "state");
  using log = recordWrites((path) => path.startsWith(join(folder, "first")) && isLasting(path));
  expect(await init(folder, first)).toMatchObject({ code: 0 });
  log.mark("made");
  log[Symbol.dispose]();
  const made = await readIdentity(stateIn(first));

  const images = [...imagesOf(first, log.changes)];
  expect(images.length).toBeGreaterThan(20);
  for (const [index, image] of images.entries()) {
    const state = join(folder, String(index), "state");
    await layDown(image, state);
    const again = await init(folder, state);
    const when = `${image.accident} after change ${image.after}: ${again.err}`;
    const identity = await readIdentity(stateIn(state));
    if (again.code !== 0) {
      expect(again.err, when).toContain("already holds a host's key");
      expect(identity.publicKey, when).toBe(made.publicKey);
    }
    if (image.marks.includes("made")) expect(identity.publicKey, when).toBe(made.publicKey);
  }
});

async function init(folder: string, state: string) {
  let err = "";
  const root = join(folder, "root.json");
  const code = await run(
    [
      "init",
      "--name",
      "fra-1",
      "--hub",
      "wss://hub.acme.example",
      "--root",
      root,
      "--state",
      state,
    ],
    {
      ...{ out: () => undefined, err: (text: string) => (err += text) },
      ...{ interactive: false, env: {}, cwd: folder, now: Date.now },
      signal: new AbortController().signal,
    },
  );
  return { code, err };
}
