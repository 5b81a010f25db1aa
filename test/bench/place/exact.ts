import { createRequire } from "node:module";
import type { LegacyHighs } from "highs";
import type { Room } from "./rooms.ts";

export interface Item {
  /** Bytes on each of its GPUs. */
  readonly share: number;
  readonly gpus: number;
}

/** Whether all items have room, by an exact solver: yes, no, or not known within the time. */
export type Exact = (items: readonly Item[], rooms: readonly Room[]) => boolean | undefined;

/** Seconds for one question. */
const LONGEST = 10;

export async function exactSolver(): Promise<Exact> {
  // Its types are those of CommonJS, for which a default import means another thing.
  const load: () => Promise<LegacyHighs> = createRequire(import.meta.url)("highs");
  const highs = await load();
  return (items, rooms) => {
    const { Status } = highs.solve(problemOf(items, rooms), {
      time_limit: LONGEST,
      output_flag: false,
    });
    if (Status === "Optimal") return true;
    return Status === "Infeasible" ? false : undefined;
  };
}

/**
 * In CPLEX's LP format. `x_i_h_g`: item i takes GPU g of host h; `y_i_h`: it stands on host h, and takes all its GPUs
 * there.
 */
function problemOf(items: readonly Item[], rooms: readonly Room[]): string {
  const rows: string[] = [];
  const binaries: string[] = [];
  const scale = 2 ** 20;
  items.forEach(({ gpus }, item) => {
    const homes = rooms.map((_, host) => `y_${item}_${host}`);
    binaries.push(...homes);
    rows.push(`${homes.join(" + ")} = 1`);
    rooms.forEach((room, host) => {
      const takes = room.gpus.map((_, gpu) => `x_${item}_${host}_${gpu}`);
      binaries.push(...takes);
      rows.push(`${takes.join(" + ")} - ${gpus} y_${item}_${host} = 0`);
    });
  });
  rooms.forEach((room, host) => {
    room.gpus.forEach((size, gpu) => {
      const load = items.map(
        ({ share }, item) => `${Math.ceil(share / scale)} x_${item}_${host}_${gpu}`,
      );
      rows.push(`${load.join(" + ")} <= ${Math.floor(size / scale)}`);
    });
  });
  const numbered = rows.map((row, index) => ` c${index}: ${row}`);
  return `Minimize\n obj: 0 ${binaries[0]}\nSubject To\n${numbered.join("\n")}\nBinary\n ${binaries.join("\n ")}\nEnd\n`;
}
