import type { Digest, HostPlan } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { AgentPackage, LockedArtifact } from "../lock/lock.ts";
import type { Placed } from "../place/place.ts";

type Blob = HostPlan["blobs"][string];
type Bytes = Pick<LockedArtifact, "digest" | "size">;

/** The files that a host needs. Two definitions of the same bytes make one blob, which can be had from both sources. */
export function blobsOf(
  { models, adapters }: Definitions,
  here: readonly Placed[],
  agents: readonly AgentPackage[],
): HostPlan["blobs"] {
  const blobs = new Map<Digest, Blob>();
  const add = (name: string, source: string | undefined, artifact: Bytes | undefined) => {
    if (source === undefined || artifact === undefined) return;
    const known = blobs.get(artifact.digest);
    blobs.set(artifact.digest, {
      name: known === undefined || name < known.name ? name : known.name,
      size: artifact.size,
      sources: inOrder([...(known?.sources ?? []), whereFrom(source)]),
    });
  };
  for (const wanted of new Set(here.map((placed) => placed.wanted))) {
    const { model, adapter } = wanted.deployment;
    for (const [name, artifact] of wanted.adapters)
      add(name, adapters.get(name)?.value.source, artifact);
    add(model, models.get(model)?.value.source, wanted.model);
    if (adapter !== undefined) add(adapter, adapters.get(adapter)?.value.source, wanted.adapter);
  }
  for (const agent of agents) add(`agent-${agent.version}-${agent.processor}`, agent.source, agent);
  return Object.fromEntries(blobs);
}

/** A file of the repository comes from the hub, which has it in git. */
function whereFrom(source: string): string {
  return source.startsWith("https://") || source.startsWith("file:///") ? source : "hub:";
}

/** The nearest first: the host's own disk, then the hub, then the web. */
function inOrder(sources: readonly string[]): string[] {
  const distance = (source: string) =>
    ["file:", "hub:", "https:"].findIndex((kind) => source.startsWith(kind));
  return [...new Set(sources)].sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
}
