import { type Identity, readIdentity, stateIn } from "../disk/disk.ts";
import { Failure } from "../life/life.ts";

/** How the file is named with which a doctor tries whether the disk takes one. */
export const PROBE = ".doctor-";

/** Who the host is; `undefined` when it is nobody, which the check of the keys tells. */
export async function identityAt(root: string): Promise<Identity | undefined> {
  try {
    return await readIdentity(stateIn(root));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
