import { showBytes } from "@millwright/schema";
import { type Diagnostic, listed } from "../diagnostic/diagnostic.ts";
import { type Crowded, MAX_INSTANCES, type Settled } from "./attempt.ts";
import type { Placed, Wanted } from "./placement.ts";
import { mainMemoryOf, type Room, roomOf, shareOf } from "./room.ts";
import { type Held, shrinkingFor } from "./shrinking.ts";
import { columns } from "./table.ts";

/** Rows of a table that are shown. */
const MAX_ROWS = 12;

/** Some memory of a host in which a replica would have to fit: that of a GPU, or main memory. */
interface Gap {
  readonly name: string;
  readonly size: number;
  readonly free: number;
  readonly needed: number;
  readonly holders: readonly Wanted[];
}

/** Hosts are large enough, but others stand on them: who, and who could make room. */
export function noHostFits(
  { candidacy: { wanted }, replica, open, rivals }: Crowded,
  { placed }: Settled,
): Diagnostic {
  const { name, deployment, spanOf } = wanted;
  const byHost = Map.groupBy(placed, ({ host }) => host);
  const held = open.map((room): Held => ({ room, here: byHost.get(room.host.name) ?? [] }));
  const hosts = held
    .map(({ room, here }) => gapsOf(room, here, wanted))
    .sort((a, b) => missingIn(a, wanted) - missingIn(b, wanted));
  const rows = hosts.flat();
  const shown = rows
    .slice(0, MAX_ROWS)
    .map((gap) => [
      gap.name,
      ...[gap.size, gap.size - gap.free, gap.free, gap.needed].map(showBytes),
      namesOf(gap.holders).join(", "),
    ]);
  const heading = ["host", "memory", "used", "free", "needed", "used by"];
  const table = shown.length === 0 ? "" : columns([heading, ...shown]);
  const more = rows.length > MAX_ROWS ? `\nand ${rows.length - MAX_ROWS} more` : "";
  const apart = rivals.length === 0 ? "" : `, apart from those that hold ${listed(rivals)}`;
  return {
    code: "place/no-host-fits",
    severity: "error",
    message: `no host has room left for replica ${replica + 1} of ${deployment.replicas ?? 1} of ${name}${apart}${table}${more}`,
    at: spanOf(),
    cure: cureOf(wanted, replica, { nearest: hosts[0], held, rivals }),
  };
}

/** Each GPU, and main memory where that is what is used, or what is short. */
function gapsOf(room: Room, here: readonly Placed[], wanted: Wanted): readonly Gap[] {
  const { host } = room;
  const whole = roomOf(host, room.index);
  const main: Gap = {
    name: host.name,
    size: whole.memory,
    free: room.memory,
    needed: mainMemoryOf(wanted),
    holders: here.map((other) => other.wanted),
  };
  if ((wanted.deployment.gpus ?? 0) === 0) return [main];
  const gpus = room.gpus.map(
    (free, gpu): Gap => ({
      name: `${host.name} GPU ${gpu}`,
      size: whole.gpus[gpu] ?? 0,
      free,
      needed: shareOf(wanted),
      holders: here.filter((other) => other.gpus.includes(gpu)).map((other) => other.wanted),
    }),
  );
  return main.free < main.needed ? [main, ...gpus] : gpus;
}

/** What must come free before the replica fits: the memory that is short last decides. Bytes. */
function missingIn(gaps: readonly Gap[], { deployment }: Wanted): number {
  const short = gaps.map(({ needed, free }) => needed - free).sort((a, b) => a - b);
  return short[Math.max(1, deployment.gpus ?? 0) - 1] ?? 0;
}

interface Surroundings {
  /** The host that lacks least. */
  readonly nearest: readonly Gap[] | undefined;
  readonly held: readonly Held[];
  readonly rivals: readonly string[];
}

function cureOf(wanted: Wanted, replica: number, { nearest, held, rivals }: Surroundings): string {
  if (nearest === undefined && rivals.length > 0)
    return `let it share a host with ${listed(rivals)}, or enrol another host`;
  if (nearest === undefined)
    return `a host takes at most ${MAX_INSTANCES} replicas of a deployment: enrol more hosts`;
  const missing = (wanted.deployment.replicas ?? 1) - replica;
  const [largest = wanted] = nearest
    .flatMap(({ holders }) => holders)
    .sort((a, b) => b.fit.total - a.fit.total || (a.name < b.name ? -1 : 1));
  const both = largest.name === wanted.name ? [wanted] : [wanted, largest];
  const enough = both.flatMap((each) => {
    const changes = shrinkingFor({ wanted, missing }, each, held);
    return changes.length === 0 ? [] : [`${each.name} with ${changes.join(", or ")}`];
  });
  const how =
    enough.length === 0
      ? "less context or parallel, a smaller model"
      : `room for all of ${wanted.name}: ${enough.join("; ")}`;
  const by = showBytes(missingIn(nearest, wanted));
  return `shrink ${namesOf(both).join(" or ")} by ${by} (${how}), or enrol another host`;
}

function namesOf(all: readonly Wanted[]): readonly string[] {
  return [...new Set(all.map(({ name }) => name))];
}
