import { execFile } from "node:child_process";
import { mkdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { Failure, messageOf } from "../life/life.ts";

const run = promisify(execFile);

const packages = {
  cuda: ["linux-x64-cuda", "linux-x64-cuda-ext"],
  vulkan: ["linux-x64-vulkan"],
} as const;

const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
/** Characters of npm's own complaint. */
const MOST_REASON = 500;

/**
 * Installs the engine for this host's GPUs, which the default install leaves out, beside the others.
 * `root` is the folder that holds node_modules. Returns the packages. Throws Failure when npm could not fetch them.
 */
export async function installEngine(
  kind: keyof typeof packages,
  root: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const modules = join(root, "node_modules");
  const version = await versionOf(modules);
  const own = join(modules, ".millwright-engines");
  const wanted = packages[kind].map((name) => `@node-llama-cpp/${name}@${version}`);
  await mkdir(own, { recursive: true });
  try {
    // A prefix of its own: the lockfile and the other packages stay as they are.
    await run(
      "npm",
      ["install", ...quiet, "--no-save", "--ignore-scripts", "--prefix", own, ...wanted],
      { signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure(
      "runner/engine-not-installed",
      `npm could not fetch ${wanted.join(", ")}: ${reasonOf(cause)} Check the registry, and that this is Linux on x64.`,
      { cause },
    );
  }
  for (const name of packages[kind]) await linkEngine(modules, own, name);
  return wanted;
}

/** What npm said; its exception repeats the whole command line first. */
function reasonOf(cause: unknown): string {
  const said =
    cause instanceof Error && "stderr" in cause && typeof cause.stderr === "string"
      ? cause.stderr.trim()
      : "";
  return (said === "" ? messageOf(cause) : said).slice(0, MOST_REASON);
}

/** Makes an engine visible where node-llama-cpp looks for it. */
async function linkEngine(modules: string, own: string, name: string): Promise<void> {
  const link = join(modules, "@node-llama-cpp", name);
  const target = join(own, "node_modules", "@node-llama-cpp", name);
  const found = await stat(target).catch(() => undefined);
  if (found === undefined)
    throw new Failure(
      "runner/engine-not-installed",
      `npm installed no ${name}: it is not made for this machine.`,
    );
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { recursive: true, force: true });
  // Relative, so that the whole install can be moved.
  await symlink(relative(dirname(link), target), link);
}

async function versionOf(modules: string): Promise<string> {
  const text = await readFile(join(modules, "node-llama-cpp", "package.json"), "utf8").catch(
    () => undefined,
  );
  const version =
    text === undefined ? undefined : (JSON.parse(text) as { readonly version?: string }).version;
  if (version === undefined)
    throw new Failure(
      "runner/no-engine",
      `${modules} holds no node-llama-cpp. Name the folder of the install with --root.`,
    );
  return version;
}
