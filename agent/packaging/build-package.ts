import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { installFiles } from "../install/install.ts";
import { type Architecture, agentTree, fileOf } from "./agent-tree.ts";
import { copyrightOf } from "./copyright.ts";
import { debOf } from "./deb.ts";
import { controlOf, launcher, scripts } from "./maintain.ts";
import type { Entry } from "./tar.ts";

export interface PackageRequest {
  /** The folder that holds package-lock.json, agent/, schema/ and node_modules/. */
  readonly checkout: string;
  readonly architecture: Architecture;
  /** The one time of everything in it. */
  readonly seconds: number;
  /** Of the compression: 1 (quick) to 22 (small). */
  readonly level: number;
}

const HOME = "./usr/lib/millwright";
const DOC = "./usr/share/doc/millwright-agent";

/** Builds the package and gives its name and bytes. */
export async function buildPackage(
  { checkout, architecture, seconds, level }: PackageRequest,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const tree = await agentTree(checkout, architecture, signal);
  const entries: Entry[] = [
    fileOf("./usr/bin/millwright-agent", launcher, 0o755),
    ...tree.entries.map((entry) => ({ ...entry, path: `${HOME}/${entry.path}` })),
    ...installFiles({
      node: "/usr/lib/millwright/bin/node",
      agent: "/usr/lib/millwright/agent",
    }).map(({ folder, name, text }) => fileOf(`./usr/lib/${folder}/${name}`, text)),
    fileOf(`${DOC}/copyright`, copyrightOf(tree.closure)),
    fileOf(`${DOC}/LICENSE.node`, tree.nodeLicence),
    fileOf(`${DOC}/README.md`, await readFile(join(checkout, "agent/README.md"))),
  ];
  const control = controlOf(tree.version, architecture);
  const bytes = debOf({ control, scripts, entries: withFolders(entries), seconds, level });
  return { name: `millwright-agent_${tree.version}_${architecture}.deb`, bytes };
}

/** In one order on every machine, each folder before what is in it. */
function withFolders(entries: readonly Entry[]): readonly Entry[] {
  const all = new Map<string, Entry>(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      all.set(folder, { kind: "folder", path: folder, mode: 0o755 });
    }
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
