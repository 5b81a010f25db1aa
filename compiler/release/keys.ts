import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, open, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isName } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { foldersOf } from "./repository.ts";
import { openKey, sealKey } from "./sealed-key.ts";

const ROLES = ["root", "release", "online"] as const;
type KeyRole = (typeof ROLES)[number];

/** Asks for the passphrase of a key file. Throws a `Failure` where nobody can be asked. */
export type AskPassphrase = (path: string) => Promise<string>;

/** The private keys of a folder. Whoever only signs has `release` alone, a hub `online` alone. */
export type Keys = Readonly<Partial<Record<KeyRole, KeyObject>>>;

/** `$XDG_CONFIG_HOME/millwright/<name>`, or below `~/.config`. */
export function defaultKeysDir(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string {
  const { XDG_CONFIG_HOME: configured = "", HOME: home = "" } = env;
  // The XDG base directory specification: a relative path is to be ignored.
  const base = isAbsolute(configured) ? configured : isAbsolute(home) && join(home, ".config");
  if (base === false || !isName(name)) {
    throw new Failure(
      "release/no-keys-folder",
      `There is no usual folder for the keys of ${JSON.stringify(name)}. Name one with --keys DIR.`,
    );
  }
  return join(base, "millwright", name);
}

/**
 * Makes the three key pairs of a solo operator: all of them or none. Never overwrites. With a passphrase the files of
 * people are sealed; the online key never is: a hub opens it by itself.
 */
export async function makeKeys(folder: string, passphrase?: string): Promise<Required<Keys>> {
  await makeFolder(folder);
  const made: KeyRole[] = [];
  try {
    const make = async (role: KeyRole) => {
      const key = await makeKey(folder, role, role === "online" ? undefined : passphrase);
      made.push(role);
      return key;
    };
    return {
      root: await make("root"),
      release: await make("release"),
      online: await make("online"),
    };
  } catch (error) {
    await removeKeys(folder, made);
    throw error;
  }
}

/** Makes one key pair. Never overwrites, and makes no second key of a role beside a sealed one. */
async function makeKey(folder: string, role: KeyRole, passphrase?: string): Promise<KeyObject> {
  await makeFolder(folder);
  const { privateKey } = generateKeyPairSync("ed25519");
  const [plain, sealed] = [pathOf(folder, role), sealedPathOf(folder, role)];
  const other = passphrase === undefined ? sealed : plain;
  if ((await readPrivate(other)) !== undefined) throw keyExists(other);
  if (passphrase === undefined)
    await writeNew(plain, privateKey.export({ type: "pkcs8", format: "pem" }));
  else await writeNew(sealed, await sealKey(privateKey, passphrase));
  return privateKey;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode } = await stat(folder);
  if ((mode & 0o022) === 0) return;
  throw new Failure(
    "release/keys-folder-open",
    `Others may write to ${folder}, and so put keys of their own there. Run chmod 700 on it.`,
  );
}

/** A key of somebody's own, in a folder outside the repository. */
export async function makeSignerKey(
  request: {
    readonly repository: string;
    readonly folder: string;
    readonly role: KeyRole;
    readonly passphrase?: string;
  },
  signal: AbortSignal,
): Promise<KeyObject> {
  await demandOutside(request.repository, request.folder, signal);
  return makeKey(request.folder, request.role, request.passphrase);
}

/** Takes back what was made, when nothing came of it. */
export async function removeKeys(folder: string, roles: readonly KeyRole[] = ROLES): Promise<void> {
  const paths = roles.flatMap((role) => [pathOf(folder, role), sealedPathOf(folder, role)]);
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}

/** The keys that the folder holds, of these roles; at least one. */
export async function readKeys(
  folder: string,
  ask?: AskPassphrase,
  roles: readonly KeyRole[] = ROLES,
): Promise<Keys> {
  const keys: Partial<Record<KeyRole, KeyObject>> = {};
  for (const role of roles) {
    const key = await readKeyOf(folder, role, ask);
    if (key !== undefined) keys[role] = key;
  }
  if (Object.keys(keys).length === 0) {
    throw new Failure(
      "release/no-keys",
      `${folder} holds no key. Name the folder of your keys with --keys DIR, or run \`millwright init\`.`,
    );
  }
  return keys;
}

/** The key of one role, from a plain file or a sealed one; `undefined` when there is neither. */
export async function readKeyOf(
  folder: string,
  role: KeyRole,
  ask?: AskPassphrase,
): Promise<KeyObject | undefined> {
  return (
    (await readKey(pathOf(folder, role))) ?? (await readSealed(sealedPathOf(folder, role), ask))
  );
}

async function readSealed(path: string, ask?: AskPassphrase): Promise<KeyObject | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  if (ask === undefined) {
    throw new Failure(
      "release/no-passphrase",
      `${path} is sealed with a passphrase, and nobody can be asked for it here.`,
    );
  }
  return ed25519(path, await openKey(path, text, await ask(path)));
}

/** One private key in a file; `undefined` when there is none. Refuses what others can read, as ssh does. */
export async function readKey(path: string): Promise<KeyObject | undefined> {
  const pem = await readPrivate(path);
  return pem === undefined ? undefined : ed25519(path, parseKey(path, pem));
}

function ed25519(path: string, key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new Failure("release/bad-key", `${path} is no Ed25519 key. Use one that init made.`);
}

/** A key inside the repository is one `git add` away from everybody. */
export async function demandOutside(
  repository: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const inside = await realPathOf(resolve(folder));
  for (const root of await foldersOf(repository, signal)) {
    const path = relative(await realPathOf(root), inside);
    if (path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path)) continue;
    throw new Failure(
      "release/keys-in-repository",
      `${folder} lies inside the repository ${root}: a key must never be committed. Choose a folder outside with --keys DIR.`,
    );
  }
}

/** The real path of something that need not exist yet: links in the part that does are followed. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    // Asked of the open file, so that it cannot be exchanged in between.
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new Failure(
        "release/keys-readable",
        `Others can read the private key ${path}. Run chmod 600 on it; if the machine is shared, make new keys.`,
      );
    }
    if (size > 10_000) throw new Failure("release/bad-key", `${path} is too large to be a key.`);
    return await file.readFile("utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // The cause is kept out of the message: it may quote what it read.
    throw new Failure("release/bad-key", `${path} holds no PEM private key that can be read.`, {
      cause: error,
    });
  }
}

async function writeNew(path: string, text: string | Buffer): Promise<void> {
  try {
    await using file = await open(path, "wx", 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    throw codeOf(error) === "EEXIST" ? keyExists(path) : error;
  }
}

function keyExists(path: string): Failure {
  return new Failure(
    "release/keys-exist",
    `${path} exists, and a key is never overwritten. Choose another folder with --keys DIR.`,
  );
}

function pathOf(folder: string, role: KeyRole): string {
  return join(folder, `${role}.pem`);
}

function sealedPathOf(folder: string, role: KeyRole): string {
  return join(folder, `${role}.age`);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
