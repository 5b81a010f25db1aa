import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundled } from "./bundled.ts";
import { closureOf, type Lockfile, type Packaged } from "./closure.ts";
import { fetched } from "./fetched.ts";
import { filesOf, licence } from "./files.ts";
import { stripped } from "./strip.ts";
import type { Entry } from "./tar.ts";

export type Architecture = "amd64" | "arm64";

/** As Node and the lockfile name them. */
export const processors = { amd64: "x64", arm64: "arm64" } as const;

/** Packages that find files of their own beside them, such as what was compiled for this machine. */
const standing: readonly string[] = ["node-llama-cpp", "koffi"];

/** An agent that runs where it lies: its Node, its programs, what they need. */
export interface AgentTree {
  readonly version: string;
  readonly closure: readonly Packaged[];
  /** Node's own terms. */
  readonly nodeLicence: Uint8Array;
  /** Paths below the folder of the agent, without a leading dot. */
  readonly entries: readonly Entry[];
}

/** The tree of a checkout, by its lockfile alone: what is installed in the checkout does not matter. */
export async function agentTree(
  checkout: string,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<AgentTree> {
  const lockfile = await lockfileOf(checkout);
  const cpu = processors[architecture];
  const closure = closureOf(lockfile, cpu);
  const node = lockfile[`node_modules/node-linux-${cpu}`];
  if (node === undefined) throw new Error(`the lockfile holds no Node for ${cpu}`);
  const runtime: Packaged = { ...node, path: `node_modules/node-linux-${cpu}` };
  await using store = await fetched(checkout, [...closure, runtime], signal);
  const nodeFolder = store.folderOf(runtime);
  const sources: Entry[] = [
    fileOf("package.json", '{ "private": true, "type": "module" }\n'),
    ...stripped([
      ...(await filesOf(join(checkout, "agent"), "agent", "ours")),
      ...(await filesOf(join(checkout, "schema"), "schema", "ours")),
    ]),
    { kind: "link", path: "node_modules/@millwright/schema", target: "../../schema" },
  ];
  const others: Entry[] = [];
  for (const each of closure)
    others.push(...(await filesOf(store.folderOf(each), each.path, "others")));
  // A program that nobody imports keeps its name as a link.
  const links = sources.filter(({ kind, path }) => kind === "link" && isProgram(path));
  const programs = links.map(({ path }) => path.replace(/\.ts$/, ".js"));
  const left = closureOf(lockfile, cpu, standing).map(({ path }) => `${path}/`);
  const entries: Entry[] = [
    fileOf("bin/node", await readFile(join(nodeFolder, "bin/node")), 0o755),
    ...sources.filter(({ path }) => !isSource(path)),
    ...links,
    ...(await bundled(programs, [...sources, ...others], standing)),
    // What went into the bundles leaves its terms.
    ...others.filter(({ path }) => left.some((of) => path.startsWith(of)) || licence.test(path)),
  ];
  return {
    ...{ closure, entries, version: lockfile["agent"]?.version ?? "0.0.0" },
    nodeLicence: await readFile(join(nodeFolder, "LICENSE")),
  };
}

const isProgram = (path: string) => /^agent\/.*\.ts$/.test(path);
const isSource = (path: string) =>
  /^(agent|schema)\/.*\.[jt]s$|^schema\/|^node_modules\//.test(path);

export function fileOf(path: string, bytes: Uint8Array | string, mode = 0o644): Entry {
  return {
    ...{ kind: "file", path, mode },
    bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes,
  };
}

async function lockfileOf(checkout: string): Promise<Lockfile> {
  const text = await readFile(join(checkout, "package-lock.json"), "utf8");
  return (JSON.parse(text) as { readonly packages: Lockfile }).packages;
}
