import { lstat, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { below, demandGround, type Ground, isImage, isThere, tool } from "./system.ts";
import { AGENT_UNIT, installFiles, SOCKET_UNIT, STATE } from "./units.ts";

/** Who the host is, whom it believes, and what its hub has not acknowledged. */
const kept: ReadonlySet<string> = new Set(["identity", "trust", "spool", "outbox"]);
const nowhere = { node: "", agent: "" };

/** Stops the agent and its models, and takes the units away. Done twice it changes nothing. Throws Failure. */
export async function uninstallFrom(
  ground: Ground,
  { purge }: { readonly purge: boolean },
  signal: AbortSignal,
): Promise<void> {
  await demandGround(ground);
  const files = installFiles(nowhere);
  const places = await Promise.all(
    ["/etc", "/usr/lib", "/lib"].map((top) =>
      isThere(below(ground, join(top, "systemd/system", AGENT_UNIT))),
    ),
  );
  if (places.includes(true)) {
    await tool(ground, "systemctl", ["disable", SOCKET_UNIT, AGENT_UNIT], signal);
    if (!isImage(ground))
      await tool(
        ground,
        "systemctl",
        ["stop", AGENT_UNIT, SOCKET_UNIT, "millwright-runner@*"],
        signal,
      );
  }
  for (const { folder, name } of files)
    await rm(below(ground, join("/etc", folder, name)), { force: true });
  if (!isImage(ground)) await tool(ground, "systemctl", ["daemon-reload"], signal);
  const state = below(ground, STATE);
  ground.told(purge ? `removing ${state}` : `removing all of ${state} but the host's identity`);
  if (purge) await rm(state, { recursive: true, force: true });
  else await clear(state);
}

async function clear(state: string): Promise<void> {
  if (!(await isThere(state))) return;
  for (const name of await readdir(state))
    if (!kept.has(name)) await rm(join(state, name), { recursive: true, force: true });
  await removeEmpty(state);
}

/** Removes what holds nothing: empty files, and folders of such. Gives whether nothing is left. */
async function removeEmpty(path: string): Promise<boolean> {
  const found = await lstat(path);
  if (!found.isDirectory()) {
    if (found.size > 0) return false;
    await rm(path);
    return true;
  }
  const gone = await Promise.all(
    (await readdir(path)).map((name) => removeEmpty(join(path, name))),
  );
  if (gone.includes(false)) return false;
  await rmdir(path);
  return true;
}
