import { generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { publicKeyOf } from "@millwright/schema";
import { expect, test } from "vitest";
import {
  defaultKeysDir,
  initTrust,
  makeKeys,
  readKey,
  readKeys,
} from "../../compiler/release/release.ts";
import { NOON, signal, workshop } from "./release-kit.ts";

test("keys are files of their owner alone, and read back as they were made", async () => {
  const { keysDir } = workshop();
  const made = await makeKeys(keysDir);
  expect(statSync(keysDir).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(keysDir)) {
    expect(statSync(join(keysDir, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(keysDir, file), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  }
  const read = await readKeys(keysDir);
  for (const role of ["root", "release", "online"] as const) {
    const key = read[role];
    expect(key && publicKeyOf(key)).toBe(publicKeyOf(made[role]));
  }
});

test("a folder may hold one key alone, as a hub's does", async () => {
  const { keysDir, folder } = workshop();
  await makeKeys(keysDir);
  const hub = join(folder, "hub");
  mkdirSync(hub);
  writeFileSync(join(hub, "online.pem"), readFileSync(join(keysDir, "online.pem")), {
    mode: 0o600,
  });
  expect(Object.keys(await readKeys(hub))).toEqual(["online"]);
});

test("a key is never overwritten, and a set is made whole or not at all", async () => {
  const { keysDir } = workshop();
  mkdirSync(keysDir, { mode: 0o700 });
  writeFileSync(join(keysDir, "online.pem"), "precious");
  await expect(makeKeys(keysDir)).rejects.toMatchObject({ code: "release/keys-exist" });
  expect(readdirSync(keysDir)).toEqual(["online.pem"]);
  expect(readFileSync(join(keysDir, "online.pem"), "utf8")).toBe("precious");
});

test("keys that others can read, or put there, are refused", async () => {
  const { keysDir } = workshop();
  await makeKeys(keysDir);
  chmodSync(join(keysDir, "release.pem"), 0o640);
  await expect(readKeys(keysDir)).rejects.toMatchObject({ code: "release/keys-readable" });
  const open = join(keysDir, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  await expect(makeKeys(open)).rejects.toMatchObject({ code: "release/keys-folder-open" });
});

test("what is no Ed25519 key is refused without quoting it", async () => {
  const { folder } = workshop();
  const path = join(folder, "key.pem");
  writeFileSync(path, "a secret that is no key", { mode: 0o600 });
  await expect(readKey(path)).rejects.toMatchObject({
    code: "release/bad-key",
    message: expect.not.stringContaining("secret"),
  });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }));
  await expect(readKey(path)).rejects.toMatchObject({ code: "release/bad-key" });
  await expect(readKeys(join(folder, "nowhere"))).rejects.toMatchObject({
    code: "release/no-keys",
  });
});

test("keys inside the repository are refused, also by way of a link or another work tree", async () => {
  const { repository, folder, git } = workshop();
  symlinkSync(repository, join(folder, "link"));
  git("worktree", "add", "-q", join(folder, "second"), "-b", "second");
  const inside = [
    repository,
    join(repository, "keys"),
    join(repository, ".git", "keys"),
    join(folder, "link", "deep", "keys"),
    join(folder, "second", "keys"),
  ];
  for (const keysDir of inside) {
    await expect(initTrust({ repository, keysDir, now: NOON }, signal)).rejects.toMatchObject({
      code: "release/keys-in-repository",
    });
  }
  expect(git("for-each-ref", "refs/heads/releases")).toBe("");
  const beside = join(folder, "repository-keys");
  expect(await initTrust({ repository, keysDir: beside, now: NOON }, signal)).toMatchObject({
    solo: true,
  });
});

test("an init that fails leaves no keys behind", async () => {
  const { repository, keysDir, git } = workshop();
  // A branch below the name makes the name impossible.
  git("branch", "releases/old");
  await expect(initTrust({ repository, keysDir, now: NOON }, signal)).rejects.toMatchObject({
    code: "release/branch-moved",
  });
  expect(readdirSync(keysDir)).toEqual([]);
});

test("a threshold that the signers cannot reach, and a signer named twice, are refused", async () => {
  const { repository, keysDir } = workshop();
  const { release } = await makeKeys(workshop().keysDir);
  const signers = [publicKeyOf(release)];
  const init = (more: object) =>
    initTrust({ repository, keysDir, now: NOON, signers, ...more }, signal);
  for (const threshold of [0, 3, 1.5]) {
    await expect(init({ threshold })).rejects.toMatchObject({ code: "release/bad-threshold" });
  }
  await expect(init({ signers: [...signers, ...signers] })).rejects.toMatchObject({
    code: "release/one-signer-twice",
  });
});

test("the usual folder for keys follows the XDG specification", () => {
  expect(defaultKeysDir({ HOME: "/home/ada" }, "mills")).toBe("/home/ada/.config/millwright/mills");
  const env = { HOME: "/home/ada", XDG_CONFIG_HOME: "/conf" };
  expect(defaultKeysDir(env, "mills")).toBe("/conf/millwright/mills");
  expect(defaultKeysDir({ ...env, XDG_CONFIG_HOME: "conf" }, "mills")).toBe(
    "/home/ada/.config/millwright/mills",
  );
  for (const name of ["../mills", "", "a/b"]) {
    expect(() => defaultKeysDir(env, name)).toThrow(
      expect.objectContaining({ code: "release/no-keys-folder" }),
    );
  }
});
