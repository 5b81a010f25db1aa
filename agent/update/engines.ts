import { readdir, readFile, realpath, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../life/life.ts";

/** Where `millwright-agent engine` puts what it fetched. */
const OWN = ".millwright-engines";
const ENGINES = "node_modules/@node-llama-cpp";

/**
 * Engines for GPUs are no part of a package: an operator fetched them beside the agent. A new agent uses the same ones,
 * or a host with GPUs would answer from its cores from one day to the next. Throws Failure when it cannot.
 */
export async function carryEngines(from: string, to: string): Promise<readonly string[]> {
  const names = await readdir(join(from, ENGINES)).catch(() => []);
  const carried: string[] = [];
  for (const name of names) {
    const real = await realpath(join(from, ENGINES, name)).catch(() => "");
    // Engines that the package brought are in the archive too, of its own version.
    if (basename(dirname(dirname(dirname(real)))) !== OWN) continue;
    const target = join(to, ENGINES, name);
    if ((await stat(target).catch(() => undefined)) !== undefined) continue;
    const [has, wants] = [
      await versionAt(real),
      await versionAt(join(to, "node_modules/node-llama-cpp")),
    ];
    if (has !== wants)
      throw new Failure(
        "update/other-engine",
        `this host has the engine ${name} ${has}, and the agent needs ${wants}. Install its package by hand, then run millwright-agent engine ${name.includes("vulkan") ? "vulkan" : "cuda"}`,
      );
    await symlink(real, target);
    carried.push(name);
  }
  return carried;
}

async function versionAt(folder: string): Promise<string> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { readonly version?: string }).version ?? "unknown";
}
