import { randomUUID } from "node:crypto";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { showBytes } from "@millwright/schema";
import { messageOf } from "../life/life.ts";
import { type Check, fail, ok, type Symptom, warn } from "./finding.ts";
import { PROBE } from "./state-at.ts";

/** Magic numbers of statfs(2): what is no place for a host's memory. */
const unfit: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs, which a restart empties"],
  [0x858458f6, "ramfs, which a restart empties"],
  [0x6969, "NFS, where locks and power cuts go otherwise"],
  [0xff534d42, "CIFS, where renames are not atomic"],
  [0x794c7630, "overlayfs: in a container, it goes with the container"],
]);
const LEAST = 1024 ** 3;
const FEW = 20 * 1024 ** 3;

/** Whether the state folder is there, ours, writable, on a fit file system, with room. */
export const checkDisk: Check = async ({ state }) => {
  const found = await stat(state).catch(() => undefined);
  if (found === undefined)
    return [
      fail(
        `${state} does not exist.`,
        "Run millwright-agent init, or name the folder with --state.",
      ),
    ];
  const { type, bavail, blocks, bsize, ffree, files } = await statfs(state);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const symptoms: Symptom[] = [];
  const text = `${showBytes(free)} of ${showBytes(all)} are free on the disk of ${state}`;
  const cure =
    "Make room, or move the state folder to a larger disk: models need their size twice while they change.";
  if (free < LEAST) symptoms.push(fail(`${text}.`, cure));
  else if (free < FEW) symptoms.push(warn(`${text}.`, cure));
  else symptoms.push(ok(text));
  if (files > 0 && ffree < 1_000)
    symptoms.push(fail(`Only ${ffree} more files fit on the disk of ${state}.`, "Remove files."));
  const kind = unfit.get(type);
  if (kind !== undefined)
    symptoms.push(warn(`${state} lies on ${kind}.`, "Use a local disk with ext4 or xfs."));
  if ((found.mode & 0o077) !== 0)
    symptoms.push(
      fail(`Others may look into ${state}, where the host's key lies.`, `Run chmod 700 ${state}.`),
    );
  return [...symptoms, ...(await writing(state))];
};

/** Writes as the agent does: to the disk, not only to its cache. */
async function writing(state: string): Promise<readonly Symptom[]> {
  const path = join(state, `${PROBE}${randomUUID()}`);
  try {
    await using file = await open(path, "wx", 0o600);
    await file.writeFile("doctor");
    await file.sync();
    return [ok(`${state} can be written`)];
  } catch (error) {
    return [
      fail(
        `${state} cannot be written: ${messageOf(error)}.`,
        "Run this as root or as the user millwright; if it is, look at the mount and at dmesg.",
      ),
    ];
  } finally {
    await rm(path, { force: true });
  }
}
