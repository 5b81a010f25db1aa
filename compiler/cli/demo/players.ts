/** The hosts of the example, which the demo plays on this machine. */
export interface Player {
  readonly name: string;
  readonly file: string;
  readonly port: number;
}

export const players: readonly Player[] = [
  { name: "fra-1", file: "hosts/frankfurt.ts", port: 7430 },
  { name: "fra-2", file: "hosts/frankfurt.ts", port: 7440 },
  { name: "zrh-1", file: "hosts/zurich.ts", port: 7450 },
];
