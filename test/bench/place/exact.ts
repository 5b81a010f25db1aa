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
 * In CPLEX's LP format. Items that need the same are one kind. `x_k_h_g`: so many of kind k take GPU g of host h;
 * `y_k_h`: so many of it stand on host h. Items of n GPUs can be dealt out on GPUs of their own exactly where no GPU has
 * more of them than stand there, and all GPUs together n times as many. Like GPUs of a host hold less and less, so that
 * their permutations are not tried.
 */
function problemOf(items: readonly Item[], rooms: readonly Room[]): string {
  const rows: string[] = [];
  const integers: string[] = [];
  const scale = 2 ** 20;
  const kinds = [...Map.groupBy(items, ({ share, gpus }) => `${share} ${gpus}`).values()];
  kinds.forEach((alike, kind) => {
    const homes = rooms.map((_, host) => `y_${kind}_${host}`);
    integers.push(...homes);
    rows.push(`${homes.join(" + ")} = ${alike.length}`);
    rooms.forEach((room, host) => {
      const takes = room.gpus.map((_, gpu) => `x_${kind}_${host}_${gpu}`);
      integers.push(...takes);
      rows.push(`${takes.join(" + ")} - ${alike[0]?.gpus ?? 1} y_${kind}_${host} = 0`);
      rows.push(...takes.map((take) => `${take} - y_${kind}_${host} <= 0`));
    });
  });
  const loadOf = (host: number, gpu: number, sign: "+" | "-") =>
    kinds
      .map(([item], kind) => `${Math.ceil((item?.share ?? 0) / scale)} x_${kind}_${host}_${gpu}`)
      .join(` ${sign} `);
  rooms.forEach((room, host) => {
    room.gpus.forEach((size, gpu) => {
      rows.push(`${loadOf(host, gpu, "+")} <= ${Math.floor(size / scale)}`);
      if (room.gpus[gpu + 1] === size)
        rows.push(`${loadOf(host, gpu, "+")} - ${loadOf(host, gpu + 1, "-")} >= 0`);
    });
  });
  const numbered = rows.map((row, index) => ` c${index}: ${row}`);
  return `Minimize\n obj: 0 ${integers[0]}\nSubject To\n${numbered.join("\n")}\nGeneral\n ${integers.join("\n ")}\nEnd\n`;
}
