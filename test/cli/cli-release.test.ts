import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { breakIt, committed, gitIn, millwright } from "./cli-kit.ts";

describe("from init to a proven release", () => {
  test("init, release and verify, with keys beside the repository", async () => {
    const folder = committed();
    const keys = join(folder, "../keys");
    const made = await millwright(folder, "init", "--keys", keys, "--json");
    expect(made.code).toBe(0);
    const { fingerprint } = made.json() as { readonly fingerprint: string };
    expect(made.json()).toEqual({
      fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      keys,
      root: join(keys, "root.json"),
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      signers: [expect.stringMatching(/^ed25519:/)],
      threshold: 1,
      sealed: false,
      editor: {
        written: expect.arrayContaining([".vscode/settings.json"]),
        left: expect.any(Array),
      },
    });

    const released = await millwright(folder, "release", "--keys", keys, "--json");
    expect(released.code, released.err).toBe(0);
    expect(released.json()).toMatchObject({
      kind: "published",
      number: 1,
      hosts: { added: ["fra-1", "fra-2", "zrh-1"], changed: [], removed: [] },
    });

    const verified = await millwright(folder, "verify", "--root", fingerprint, "--json");
    expect(verified.code, verified.out).toBe(0);
    expect(verified.json()).toMatchObject({ verified: true, number: 1, hosts: 3 });

    const again = await millwright(folder, "release", "--keys", keys);
    expect(again.code).toBe(0);
    expect(again.out).toContain("Nothing to release");
  });

  test("another root of trust than the pinned one is a no, ended with 1", async () => {
    const folder = committed();
    const keys = join(folder, "../keys");
    await millwright(folder, "init", "--keys", keys);
    await millwright(folder, "release", "--keys", keys);
    const wrong = `sha256:${"0".repeat(64)}`;
    const { code, json } = await millwright(folder, "verify", "--root", wrong, "--json");
    expect(code).toBe(1);
    expect(json()).toMatchObject({
      verified: false,
      reason: expect.any(String),
      message: expect.any(String),
    });
  });

  test("a deletion by mistake of what is protected is refused, and taken when it is meant", async () => {
    const folder = committed();
    const keys = join(folder, "../keys");
    const commit = (file: string, from: string, to: string) => {
      const path = join(folder, "factories", file);
      const text = readFileSync(path, "utf8");
      expect(text).toContain(from);
      writeFileSync(path, text.replace(from, to));
      gitIn(folder)("commit", "-q", "-a", "-m", "change");
    };
    commit("support.ts", "triage: {", "triage: {\n      protect: true,");
    await millwright(folder, "init", "--keys", keys);
    expect(await millwright(folder, "release", "--keys", keys)).toMatchObject({ code: 0 });
    commit("support.ts", "triage: {", "sorting: {");
    const text = readFileSync(join(folder, "factories/support.ts"), "utf8");
    writeFileSync(
      join(folder, "factories/support.ts"),
      text.replaceAll('"triage"', '"sorting"').replace("support.triage", "support.sorting"),
    );
    gitIn(folder)("commit", "-q", "-a", "-m", "another name");
    const diff = await millwright(folder, "diff", "HEAD~2");
    expect(diff.out).toContain("REFUSED by the host: triage is protected");
    const refused = await millwright(folder, "release", "--keys", keys);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.err).toMatch(/would lose triage, which is protected.*name it under retired/);
    commit("fleet.ts", "hubs:", 'retired: ["triage"],\n  hubs:');
    const meant = await millwright(folder, "release", "--keys", keys);
    expect(meant.code, meant.err).toBe(0);
  });

  test("what does not compile is never released", async () => {
    const folder = committed();
    const keys = join(folder, "../keys");
    await millwright(folder, "init", "--keys", keys);
    const before = gitIn(folder)("rev-parse", "releases");
    breakIt(folder);
    gitIn(folder)("add", ".");
    gitIn(folder)("commit", "-q", "-m", "broken");
    const { code, json } = await millwright(folder, "release", "--keys", keys, "--json");
    expect(code).toBe(1);
    expect(json()).toMatchObject({ diagnostics: [{ code: "check/unknown-field" }] });
    expect(gitIn(folder)("rev-parse", "releases")).toBe(before);
  });

  test("a hub without its online key says which file it wants, and ends with 3", async () => {
    const folder = committed();
    const { code, err } = await millwright(folder, "hub", "--keys", "nowhere");
    expect(code).toBe(3);
    expect(err).toContain("error[cli/no-online-key]: ");
  });
});
