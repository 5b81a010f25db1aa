import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Packaged } from "./closure.ts";

const run = promisify(execFile);

export interface Fetched extends AsyncDisposable {
  /** Where a package lies. */
  folderOf(each: Packaged): string;
}

/** Packages as the lockfile names them: from the checkout where they are installed, else from the registry by npm. */
export async function fetched(
  checkout: string,
  packages: readonly Packaged[],
  signal: AbortSignal,
): Promise<Fetched> {
  const temporary = await mkdtemp(join(tmpdir(), "millwright-package-"));
  const folders = new Map<string, string>();
  const dispose = () => rm(temporary, { recursive: true, force: true });
  try {
    for (const each of packages) {
      const installed = join(checkout, each.path);
      const isHere = (await versionAt(installed)) === each.version;
      folders.set(each.path, isHere ? installed : await fetch(each, temporary, signal));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    folderOf(each) {
      const folder = folders.get(each.path);
      if (folder === undefined) throw new Error(`impossible: ${each.path} was not fetched`);
      return folder;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function versionAt(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  return text === undefined
    ? undefined
    : (JSON.parse(text) as { readonly version?: string }).version;
}

async function fetch(
  { path, version, integrity }: Packaged,
  temporary: string,
  signal: AbortSignal,
): Promise<string> {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const folder = join(temporary, path.replaceAll("/", "_"));
  await mkdir(folder, { recursive: true });
  const spec = `${name}@${version}`;
  const options = ["--ignore-scripts", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", ["pack", spec, ...options], { signal });
  const archive = join(folder, stdout.trim().split("\n").at(-1) ?? "");
  const digest = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64");
  // A registry or mirror that gives other bytes than those the lockfile was made with.
  if (integrity !== `sha512-${digest}`)
    throw new Error(`${spec} from the registry is not what the lockfile names`);
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"], { signal });
  await rm(archive);
  return folder;
}
