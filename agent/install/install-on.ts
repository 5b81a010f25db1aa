import { chmod, lchown, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, writeAtomic } from "../disk/disk.ts";
import { Failure } from "../life/life.ts";
import { below, demandGround, type Ground, isImage, isThere, tool } from "./system.ts";
import {
  AGENT_UNIT,
  type InstallFile,
  installFiles,
  type Place,
  SOCKET_UNIT,
  STATE,
  USER,
} from "./units.ts";

/** Puts the agent into the system and starts it. Done twice it changes nothing. Throws Failure. */
export async function installOn(ground: Ground, place: Place, signal: AbortSignal): Promise<void> {
  await demandGround(ground);
  for (const file of installFiles(place)) await lay(ground, file);
  await tool(ground, "systemd-sysusers", [], signal);
  await handOver(ground);
  if (!isImage(ground)) await tool(ground, "systemctl", ["daemon-reload"], signal);
  await tool(ground, "systemctl", ["enable", SOCKET_UNIT, AGENT_UNIT], signal);
  if (isImage(ground)) return;
  await tool(ground, "systemctl", ["start", SOCKET_UNIT], signal);
  // Runners are units of their own: a restart of the agent stops no model.
  await tool(ground, "systemctl", ["restart", AGENT_UNIT], signal);
  if (!(await isThere(join(STATE, "identity", "key.pem"))))
    ground.told("This host has no key yet: millwright-agent init, then millwright-agent install.");
}

/** Writes a file below /etc, unless a package has brought the same. */
async function lay(ground: Ground, { folder, name, text }: InstallFile): Promise<void> {
  const packaged = below(ground, join("/usr/lib", folder, name));
  const own = below(ground, join("/etc", folder, name));
  for (const path of [packaged, own])
    if ((await readIfThere(path))?.toString("utf8") === text) return;
  await mkdir(join(own, ".."), { recursive: true });
  await writeAtomic(own, text, 0o644);
  await chmod(own, 0o644);
  ground.told(`wrote ${own}`);
}

/** What root made in the state folder (`init` as root) becomes the agent's: it could not read its own key. */
async function handOver(ground: Ground): Promise<void> {
  const { uid, gid } = await userOf(ground);
  const state = below(ground, STATE);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const names = await readdir(state, { recursive: true });
  // A link to a file of root's would hand that over: a link itself changes hands, never where it leads.
  for (const name of ["", ...names]) await lchown(join(state, name), uid, gid);
}

async function userOf(ground: Ground): Promise<{ readonly uid: number; readonly gid: number }> {
  const passwd = await readFile(below(ground, "/etc/passwd"), "utf8");
  const [, , uid, gid] =
    passwd
      .split("\n")
      .map((line) => line.split(":"))
      .find(([name]) => name === USER) ?? [];
  if (uid === undefined || gid === undefined)
    throw new Failure(
      "install/no-user",
      `There is no user ${USER} after systemd-sysusers. See /etc/sysusers.d/millwright.conf.`,
    );
  return { uid: Number(uid), gid: Number(gid) };
}
