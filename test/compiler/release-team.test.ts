/** Several people: sealed key files, SSH keys in a real ssh-agent, and roots of trust that follow one another. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type PublicKey, publicKeyOf } from "@millwright/schema";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  makeKeys,
  makeSignerKey,
  PENDING_ROOT,
  RELEASES,
  readKeys,
  rotate,
  type SignerSource,
  sign,
  signerKeyOf,
  signRoot,
  standingTrust,
  verifyBranch,
} from "../../compiler/release/release.ts";
import { initialised, NOON, planFor, releaseOf, signal, workshop } from "./release-kit.ts";

const PASSPHRASE = "correct horse battery";
const DAY = 86_400_000;

/** A real ssh-agent that holds one new Ed25519 key. */
async function sshAgent(): Promise<{ readonly socket: string; readonly line: string }> {
  const { folder } = workshop();
  const [path, socket] = [join(folder, "id_ed25519"), join(folder, "agent")];
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "cyd", "-f", path]);
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(async () => {
    agent.kill();
    if (agent.exitCode === null && agent.signalCode === null) await once(agent, "exit");
  });
  // It says where it listens when it does.
  await once(agent.stdout, "data");
  execFileSync("ssh-add", ["-q", path], { env: { SSH_AUTH_SOCK: socket }, stdio: "ignore" });
  return { socket, line: readFileSync(`${path}.pub`, "utf8") };
}

describe("sealed key files", () => {
  test("open with their passphrase alone, and hold nothing in the clear", async () => {
    const { keysDir } = workshop();
    const made = await makeKeys(keysDir, PASSPHRASE);
    const text = readFileSync(join(keysDir, "release.age"), "utf8");
    expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/);
    const asked: string[] = [];
    const ask = async (path: string) => {
      asked.push(path);
      return PASSPHRASE;
    };
    const { release, online } = await readKeys(keysDir, ask, ["release", "online"]);
    expect(release?.equals(made.release)).toBe(true);
    expect(online?.equals(made.online)).toBe(true);
    // A hub opens its key by itself.
    expect(asked).toEqual([join(keysDir, "release.age")]);
    await expect(readKeys(keysDir, async () => "correct horse", ["release"])).rejects.toMatchObject(
      { code: "release/wrong-passphrase" },
    );
    await expect(readKeys(keysDir)).rejects.toMatchObject({ code: "release/no-passphrase" });
    writeFileSync(join(keysDir, "release.age"), text.slice(0, 200));
    await expect(readKeys(keysDir, ask, ["release"])).rejects.toMatchObject({
      code: "release/wrong-passphrase",
    });
  });

  test("a short passphrase makes no key, and no key stands beside another of its role", async () => {
    const { repository, keysDir } = workshop();
    const request = { repository, folder: keysDir, role: "release" } as const;
    await expect(makeSignerKey({ ...request, passphrase: "short" }, signal)).rejects.toMatchObject({
      code: "release/passphrase-too-short",
    });
    await makeSignerKey(request, signal);
    await expect(
      makeSignerKey({ ...request, passphrase: PASSPHRASE }, signal),
    ).rejects.toMatchObject({ code: "release/keys-exist" });
  });
});

describe("who is admitted", () => {
  test("a key of an SSH file is the key that its agent signs with", async () => {
    const { socket, line } = await sshAgent();
    const cyd = signerKeyOf(line);
    const shop = await initialised({ signers: [cyd], threshold: 2 });
    const { repository } = shop;
    await releaseOf(shop, [planFor("a")]);
    const signed = await sign({ repository, signer: { sshAgent: socket }, now: NOON }, signal);
    expect(signed).toMatchObject({ kind: "published" });
    expect(signed.signers).toContain(cyd);
    const verified = await verifyBranch({ repository, ref: RELEASES, now: NOON }, signal);
    expect(verified).toMatchObject({ ok: true });
  });

  test("an agent that holds no admitted key signs nothing; one that is none is said so", async () => {
    const { socket } = await sshAgent();
    const bea = await makeKeys(workshop().keysDir);
    const shop = await initialised({ signers: [publicKeyOf(bea.release)], threshold: 2 });
    await releaseOf(shop, [planFor("a")]);
    const signing = (signer: SignerSource) =>
      sign({ repository: shop.repository, signer, now: NOON }, signal);
    await expect(signing({ sshAgent: socket })).rejects.toMatchObject({
      code: "release/no-release-key",
    });
    await expect(signing({ sshAgent: `${socket}-gone` })).rejects.toMatchObject({
      code: "release/ssh-agent",
    });
    for (const answer of ["00000000", "ffffffff", "000000010c", "000000050cffffffff", "0000"]) {
      const path = join(workshop().folder, "liar");
      const liar = createServer((connection) => {
        connection.on("error", () => connection.destroy());
        connection.end(Buffer.from(answer, "hex"));
      }).listen(path);
      onTestFinished(() => {
        liar.close();
      });
      await once(liar, "listening");
      await expect(signing({ sshAgent: path })).rejects.toMatchObject({
        code: "release/ssh-agent",
      });
    }
  });

  test("nothing that is no sound Ed25519 key", () => {
    const weak = Buffer.alloc(32);
    const mixed = Buffer.from(weak);
    // y = 3: a point of the curve, but outside the large subgroup.
    mixed[0] = 3;
    const ssh = (kind: string, bytes: Buffer) => {
      const field = (value: Buffer) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(value.length);
        return Buffer.concat([length, value]);
      };
      const blob = Buffer.concat([field(Buffer.from(kind)), field(bytes)]);
      return `${kind} ${blob.toString("base64")} somebody`;
    };
    for (const text of [
      "",
      "bea",
      "ed25519:AAAA",
      `ed25519:${weak.toString("base64url")}`,
      `ed25519:${mixed.toString("base64url")}`,
      `ed25519:${Buffer.alloc(32, 0xff).toString("base64url")}`,
      ssh("ssh-ed25519", weak),
      ssh("ssh-ed25519", Buffer.alloc(31, 7)),
      ssh("ssh-rsa", Buffer.alloc(32, 7)),
      "ssh-ed25519 AAAA",
      "ssh-ed25519",
    ]) {
      expect(() => signerKeyOf(text)).toThrow(
        expect.objectContaining({ code: "release/bad-signer-key" }),
      );
    }
  });
});

describe("the next root of trust", () => {
  async function team() {
    const bea = workshop();
    const beaKeys = await makeKeys(bea.keysDir);
    const shop = await initialised();
    const { repository, keysDir } = shop;
    const key = publicKeyOf(beaKeys.release);
    return { bea, beaKeys, key, shop, repository, mine: { keysDir }, hers: bea };
  }

  test("admits a second signer: from then on a release needs both", async () => {
    const { shop, repository, mine, key, hers } = await team();
    await releaseOf(shop, [planFor("a")]);
    const rotated = await rotate(
      { repository, signer: mine, release: { add: [key], threshold: 2 }, now: NOON },
      signal,
    );
    expect(rotated).toMatchObject({ kind: "published", version: 2, missing: 0 });
    // What one person signed is not enough any more.
    expect(await verifyBranch({ repository, ref: RELEASES, now: NOON }, signal)).toMatchObject({
      ok: false,
      reason: "release/bad-signature",
    });
    const pending = await releaseOf(shop, [planFor("a")]);
    expect(pending).toMatchObject({ kind: "pending", number: 2, missing: 1 });
    const signed = await sign({ repository, signer: hers, now: NOON }, signal);
    expect(signed).toMatchObject({ kind: "published", number: 2 });
    expect(await verifyBranch({ repository, ref: RELEASES, now: NOON }, signal)).toMatchObject({
      ok: true,
    });
  });

  test("dismisses a signer, exchanges the hub's key, and outlives the end of the one before", async () => {
    const { shop, repository, mine, key } = await team();
    const late = NOON + 400 * DAY;
    await expect(releaseOf(shop, [planFor("a")], { now: late })).rejects.toMatchObject({
      code: "release/expired-root",
    });
    const [own] = (await standingTrust(repository, signal)).trust.roles.targets.keys;
    const online = publicKeyOf((await makeKeys(workshop().keysDir)).online);
    const change = { add: [key], remove: [own as PublicKey] };
    const request = { repository, signer: mine, release: change, online, now: late };
    const { trust } = await rotate(request, signal);
    expect(trust.roles.targets).toEqual({ keys: [key], threshold: 1 });
    expect(trust.roles.timestamp).toEqual({ keys: [online], threshold: 1 });
    expect(trust.expires).toBeGreaterThan(late + 300 * DAY);
    await expect(releaseOf(shop, [planFor("a")], { now: late })).rejects.toMatchObject({
      code: "release/key-not-admitted",
    });
  });

  test("waits until enough holders of the root key have signed, by the old rule and the new one", async () => {
    const { shop, repository, mine, hers, beaKeys } = await team();
    const second = publicKeyOf(beaKeys.root);
    const joined = await rotate(
      { repository, signer: mine, root: { add: [second], threshold: 2 }, now: NOON },
      signal,
    );
    // She has to show that she holds the key before anything depends on it.
    expect(joined).toMatchObject({ kind: "pending", missing: 1, version: 2 });
    expect((await standingTrust(repository, signal)).trust.version).toBe(1);
    const again = () => signRoot({ repository, signer: mine, now: NOON }, signal);
    await expect(again()).rejects.toMatchObject({ code: "release/already-signed" });
    await expect(rotate({ repository, signer: mine, now: NOON }, signal)).rejects.toMatchObject({
      code: "release/another-root-pending",
    });
    const done = await signRoot({ repository, signer: hers, now: NOON }, signal);
    expect(done).toMatchObject({ kind: "published", missing: 0 });
    expect(done.signers).toHaveLength(2);
    expect(shop.git("for-each-ref", PENDING_ROOT)).toBe("");
    await expect(again()).rejects.toMatchObject({ code: "release/no-root-pending" });
    const alone = await rotate({ repository, signer: mine, now: NOON }, signal);
    expect(alone).toMatchObject({ kind: "pending", missing: 1, version: 3 });
    await releaseOf(shop, [planFor("a")]);
    await expect(signRoot({ repository, signer: hers, now: NOON }, signal)).rejects.toMatchObject({
      code: "release/pending-root-outdated",
    });
  });

  test("is not made by those who may only release, nor with rules that nobody could meet", async () => {
    const { repository, mine, bea, beaKeys, key } = await team();
    const before = (await standingTrust(repository, signal)).trust;
    const rotating = (more: Partial<Parameters<typeof rotate>[0]>) =>
      rotate({ repository, signer: mine, now: NOON, ...more }, signal);
    expect(beaKeys.root.type).toBe("private");
    for (const [more, code] of [
      [{ signer: { keysDir: bea.keysDir } }, "release/key-not-admitted"],
      [{ signer: { keysDir: join(bea.folder, "empty") } }, "release/no-root-key"],
      [{ release: { threshold: 2 } }, "release/bad-threshold"],
      [{ release: { remove: before.roles.targets.keys } }, "release/bad-threshold"],
      [{ release: { remove: [key] } }, "release/unknown-signer"],
      [{ release: { add: [key, key] } }, "release/one-signer-twice"],
      [{ release: { add: before.roles.targets.keys } }, "release/one-signer-twice"],
    ] as const) {
      await expect(rotating(more)).rejects.toMatchObject({ code });
    }
    expect((await standingTrust(repository, signal)).trust).toEqual(before);
  });
});
