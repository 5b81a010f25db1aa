import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import {
  type HostName,
  NAME_PATTERN,
  type PublicKey,
  parseJson,
  publicKeyOf,
  readerOf,
} from "@millwright/schema";
import Type from "typebox";
import { Failure } from "../life/life.ts";
import manifest from "../package.json" with { type: "json" };
import { writeAtomic } from "./atomic.ts";
import { writeFormat } from "./format.ts";
import { readIfThere, type StateFolder } from "./state-folder.ts";

/** Who this host is. The private key never leaves the state folder. */
export interface Identity {
  readonly host: HostName;
  readonly key: KeyObject;
  readonly publicKey: PublicKey;
  /** The hubs that init was told of; a verified plan overrides them. */
  readonly hubs: readonly string[];
}

const IdentityFile = Type.Object({
  schema: Type.Literal("identity/1"),
  host: Type.String({ pattern: NAME_PATTERN }),
  hubs: Type.Array(Type.String({ pattern: "^wss?://" }), { minItems: 1 }),
});
const readFields = readerOf(IdentityFile);

/** Makes the host's key, once. Refuses a folder that already has one: an identity is never overwritten. */
export async function makeIdentity(
  state: StateFolder,
  host: HostName,
  hubs: readonly string[],
): Promise<Identity> {
  if ((await readIfThere(join(state.identity, "key.pem"))) !== undefined) {
    throw new Failure(
      "disk/identity-exists",
      `${state.identity} already holds a host's key. Choose another --state folder, or remove it to become a new host.`,
    );
  }
  await writeFormat(state, manifest.version);
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeAtomic(
    join(state.identity, "identity.json"),
    `${JSON.stringify({ schema: "identity/1", host, hubs }, null, 2)}\n`,
  );
  await writeAtomic(
    join(state.identity, "key.pem"),
    privateKey.export({ type: "pkcs8", format: "pem" }),
  );
  return { host, key: privateKey, publicKey: publicKeyOf(privateKey), hubs };
}

export async function readIdentity(state: StateFolder): Promise<Identity> {
  const pem = await readIfThere(join(state.identity, "key.pem"));
  const text = await readIfThere(join(state.identity, "identity.json"));
  if (pem === undefined || text === undefined) {
    throw new Failure(
      "disk/no-identity",
      `${state.identity} holds no host key. Run millwright-agent init first.`,
    );
  }
  const fields = readFields(parseJson(text.toString("utf8")));
  if (!fields.ok) throw damaged(state, "identity.json");
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw damaged(state, "key.pem", { cause });
  }
  if (key.asymmetricKeyType !== "ed25519") throw damaged(state, "key.pem");
  return {
    host: fields.value.host as HostName,
    key,
    publicKey: publicKeyOf(key),
    hubs: fields.value.hubs,
  };
}

function damaged({ identity }: StateFolder, file: string, options?: ErrorOptions): Failure {
  return new Failure(
    "disk/bad-identity",
    `${identity}/${file} is damaged. Restore it, or run millwright-agent init in a new folder.`,
    options,
  );
}
