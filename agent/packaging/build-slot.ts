import type { SlotManifest } from "../update/update.ts";
import { agentTree, fileOf, processors } from "./agent-tree.ts";
import type { PackageRequest } from "./build-package.ts";
import { compressed } from "./compressed.ts";
import { copyrightOf } from "./copyright.ts";
import { type Entry, tarOf } from "./tar.ts";

/**
 * Builds the archive by which a plan brings the agent: the tree of the package, without what belongs to the system. Its
 * first file says what it is, so that who locks its source need not read on.
 */
export async function buildSlot(
  { checkout, architecture, seconds, level }: PackageRequest,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { version, entries, closure, nodeLicence } = await agentTree(
    checkout,
    architecture,
    signal,
  );
  const manifest = {
    schema: "agent-slot/1",
    version,
    processor: processors[architecture],
  } as const;
  const all = [
    ...entries,
    fileOf("copyright", copyrightOf(closure)),
    fileOf("LICENSE.node", nodeLicence),
  ];
  return {
    name: `millwright-agent-${version}-linux-${manifest.processor}.tar.zst`,
    bytes: slotOf(manifest, all, { seconds, level }),
  };
}

/** An archive with these files. Tests make small ones. */
export function slotOf(
  manifest: SlotManifest,
  entries: readonly Entry[],
  { seconds, level }: Pick<PackageRequest, "seconds" | "level">,
): Uint8Array {
  const first = fileOf("slot.json", `${JSON.stringify(manifest)}\n`);
  const rest = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  return compressed(tarOf([first, ...rest], seconds), level);
}
