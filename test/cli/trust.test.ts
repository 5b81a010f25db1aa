/** Two people, two clones, one remote: nobody decides alone. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committed, gitIn, millwright, millwrightAs, temporary } from "./cli-kit.ts";

/** Ada's repository with a remote, and Bea's clone of it. */
function clones() {
  const ada = committed();
  const remote = join(temporary(), "remote.git");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", remote]);
  gitIn(ada)("remote", "add", "origin", remote);
  gitIn(ada)("push", "-q", "origin", "main");
  const bea = join(temporary(), "mills");
  execFileSync("git", ["clone", "-q", remote, bea]);
  return { ada, bea, remote };
}

const sealed = { MILLWRIGHT_PASSPHRASE: "four words or five" };

describe("the two-person rule", () => {
  test("what one person releases waits, shared, until another has signed it", async () => {
    const { ada, bea, remote } = clones();
    const key = await millwrightAs(sealed, bea, "trust", "key");
    expect(key.code, key.err).toBe(0);
    expect(key.err).toContain("millwright trust rotate --add-signers");
    writeFileSync(join(ada, "../bea.pub"), key.out);
    const made = await millwright(
      ...([ada, "trust", "init", "--threshold", "2", "--signers", "../bea.pub", "--json"] as const),
    );
    expect(made.code, made.err).toBe(0);
    const { fingerprint } = made.json() as { readonly fingerprint: string };
    expect(made.json()).toMatchObject({ threshold: 2, sealed: false });

    const released = await millwright(ada, "release", "--push");
    expect(released.code, released.err).toBe(0);
    expect(released.out).toContain("one signature is missing: others run millwright sign");
    const verified = await millwright(ada, "verify", "--root", fingerprint);
    expect(verified.code).not.toBe(0);
    const twice = await millwright(ada, "sign");
    expect(twice).toMatchObject({ code: 3, out: "" });
    expect(twice.err).toContain("error[release/already-signed]");

    const git = gitIn(bea);
    gitIn(ada)("push", "-q", "origin", "releases");
    git("fetch", "-q", "origin", "releases:releases", "+refs/millwright/*:refs/millwright/*");
    const wrong = await millwrightAs({ MILLWRIGHT_PASSPHRASE: "guessed it?" }, bea, "sign");
    expect(wrong.code).toBe(3);
    expect(wrong.err).toContain("error[release/wrong-passphrase]");
    const unasked = await millwright(bea, "sign");
    expect(unasked.code).toBe(3);
    expect(unasked.err).toContain("Set MILLWRIGHT_PASSPHRASE");
    const signed = await millwrightAs(sealed, bea, "sign", "--push");
    expect(signed.code, signed.err).toBe(0);
    expect(signed.out).toContain("Released revision 1");
    expect(gitIn(remote)("for-each-ref", "refs/millwright")).toBe("");

    gitIn(ada)("fetch", "-q", "origin", "releases:releases");
    const proved = await millwright(ada, "verify", "--root", fingerprint, "--json");
    expect(proved.code, proved.err).toBe(0);
    expect(proved.json()).toMatchObject({ verified: true, number: 1 });
  });

  test("rotate brings a second person in; show says who may sign what, and what waits", async () => {
    const { ada, bea } = clones();
    expect((await millwright(ada, "init")).code).toBe(0);
    expect((await millwright(ada, "release")).code).toBe(0);
    const key = (await millwright(bea, "trust", "key")).out.trim();
    const rotated = await millwright(
      ...([ada, "trust", "rotate", "--add-signers", key, "--threshold", "2"] as const),
    );
    expect(rotated.code, rotated.err).toBe(0);
    expect(rotated.out).toContain("Root 2 is on the branch: releases need 2 of 2 signatures");
    const again = await millwright(ada, "release");
    expect(again.out).toContain("one signature is missing");
    const shown = await millwright(ada, "trust", "show");
    expect(shown.code).toBe(0);
    expect(shown.out).toContain("a release (targets): 2 of 2");
    expect(shown.out).toContain(key);
    expect(shown.err).toContain("A release waits for signatures");
    const json = (await millwright(ada, "trust", "show", "--json")).json();
    expect(json).toMatchObject({ version: 2, pending: true, pendingRoot: false });
  });
});

describe("wrong use leaves nothing behind", () => {
  test.each([
    ["a threshold that is no number", ["--threshold", "two"], "release/bad-threshold"],
    ["more signatures than people", ["--threshold", "2"], "release/bad-threshold"],
    ["a signer that is no key", ["--signers", "ed25519:bea"], "release/bad-signer-key"],
    ["a file that is not there", ["--signers", "bea.pub"], "release/bad-signer-key"],
    ["a passphrase that is guessed", [], "release/passphrase-too-short"],
  ])("%s", async (what, options, code) => {
    const folder = committed();
    const env = what.includes("passphrase") ? { MILLWRIGHT_PASSPHRASE: "12345" } : {};
    const before = gitIn(folder)("for-each-ref");
    const said = await millwrightAs(env, folder, "trust", "init", ...options);
    expect(said).toMatchObject({ code: 3, out: "" });
    expect(said.err).toContain(`error[${code}]`);
    expect(gitIn(folder)("for-each-ref")).toBe(before);
    expect(existsSync(join(folder, "../home/.config/millwright/mills/root.pem"))).toBe(false);
  });

  test("every subcommand says what it does and shows an example", async () => {
    for (const name of ["init", "key", "rotate", "sign", "show"]) {
      const { code, out } = await millwright(temporary(), "trust", name, "--help");
      expect(code).toBe(0);
      expect(out).toContain(`$ millwright trust ${name}`);
    }
  });
});
