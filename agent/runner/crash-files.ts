import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DIGEST_PATTERN, type Digest, hexOf, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";

/** Reports of deaths that are kept, the newest. */
const KEPT = 20;

const DigestText = Type.Unsafe<Digest>({ type: "string", pattern: DIGEST_PATTERN });
const readHeld = readerOf(
  Type.Object({
    origin: DigestText,
    plan: DigestText,
    since: Type.Number(),
    deployment: Type.String({ maxLength: 63 }),
    message: Type.String({ maxLength: 4_000 }),
  }),
);

/** What one file of the quarantine says. */
interface HeldFile {
  readonly origin: Digest;
  readonly plan: Digest;
  readonly since: number;
  readonly deployment: string;
  readonly message: string;
}

/** The folders `quarantine` and `crashes` of the state folder: a file each, so that an operator can take one away. */
export function crashFilesIn({ root }: Pick<StateFolder, "root">) {
  const quarantine = join(root, "quarantine");
  const crashes = join(root, "crashes");
  const pathOf = (origin: Digest) => join(quarantine, `${hexOf(origin).slice(0, 16)}.json`);
  const namesIn = (folder: string) => readdir(folder).catch((): string[] => []);
  return {
    path: pathOf,
    async held(): Promise<readonly HeldFile[]> {
      const names = (await namesIn(quarantine)).filter((name) => /^[0-9a-f]{16}\.json$/.test(name));
      const texts = await Promise.all(names.map((name) => readIfThere(join(quarantine, name))));
      return texts.flatMap((text) => {
        const held = readHeld(parseJson(text?.toString("utf8") ?? ""));
        return held.ok ? [held.value] : [];
      });
    },
    async hold(held: HeldFile): Promise<void> {
      await mkdir(quarantine, { recursive: true, mode: 0o700 });
      await writeAtomic(pathOf(held.origin), JSON.stringify(held, null, 2));
    },
    release: (origin: Digest): Promise<void> => rm(pathOf(origin), { force: true }),
    async report(report: { readonly at: number; readonly specification: Digest }): Promise<void> {
      await mkdir(crashes, { recursive: true, mode: 0o700 });
      // Named by their time, so that their order is that of their names.
      const time = new Date(report.at).toISOString().replace(/[:.]/g, "-");
      const name = `${time}-${hexOf(report.specification).slice(0, 8)}.json`;
      await writeAtomic(join(crashes, name), JSON.stringify(report, null, 2));
      const old = (await namesIn(crashes)).filter((each) => each.endsWith(".json")).sort();
      for (const each of old.slice(0, -KEPT)) await rm(join(crashes, each), { force: true });
    },
  };
}
