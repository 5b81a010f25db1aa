import { type Host, parseBytes } from "@millwright/schema";

/** The GPUs of a host, in bytes. */
export interface Room {
  readonly gpus: readonly number[];
}

export function roomsOf(hosts: readonly Host[]): readonly Room[] {
  return hosts.map(({ gpus = [] }) => ({
    gpus: gpus.flatMap(({ memory, count = 1 }) =>
      Array<number>(count).fill(parseBytes(memory) ?? 0),
    ),
  }));
}
