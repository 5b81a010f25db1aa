import { isDeepStrictEqual } from "node:util";
import { parsePublicKey } from "@millwright/schema";
import type { Root } from "@tufjs/models";

type RoleName = "root" | "targets" | "snapshot" | "timestamp";
const roles: readonly RoleName[] = ["root", "targets", "snapshot", "timestamp"];

/** No role counts one key twice; and every key that a role names is there. */
export function hasDistinctKeys(root: Root): boolean {
  return roles.every((name) => {
    const keys = keysOf(root, name);
    return keys.length === root.roles[name]?.keyIDs.length && new Set(keys).size === keys.length;
  });
}

/** No key is of small order or not canonical. */
export function hasStrongKeys(root: Root): boolean {
  return Object.values(root.keys).every(({ keyVal: { public: hex = "" } }) => {
    const text = Buffer.from(hex, "hex").toString("base64url");
    return parsePublicKey(`ed25519:${text}`) !== undefined;
  });
}

/** Another set of keys, or another threshold, stands behind the role. */
export function isRotated(before: Root, after: Root, name: RoleName): boolean {
  return (
    before.roles[name]?.threshold !== after.roles[name]?.threshold ||
    !isDeepStrictEqual(keysById(before, name), keysById(after, name))
  );
}

/** At least one key that could sign before may still sign. */
export function sharesKeys(before: Root, after: Root, name: RoleName): boolean {
  const old = new Set(keysOf(before, name));
  return keysOf(after, name).some((key) => old.has(key));
}

function keysById(root: Root, name: RoleName): Record<string, string | undefined> {
  const ids = root.roles[name]?.keyIDs ?? [];
  return Object.fromEntries(
    ids.map((id) => {
      const { public: key } = root.keys[id]?.keyVal ?? {};
      return [id, key];
    }),
  );
}

function keysOf(root: Root, name: RoleName): readonly string[] {
  return Object.values(keysById(root, name)).filter((key) => key !== undefined);
}
