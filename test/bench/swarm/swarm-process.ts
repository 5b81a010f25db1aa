/** The process that holds a swarm's hosts, seen from outside. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Size } from "./fleet.ts";

export type Order =
  | { readonly kind: "begin" }
  | { readonly kind: "look" }
  /** Every so-manieth host loses its connection. */
  | { readonly kind: "drop"; readonly oneOf: number };

export interface Seen {
  /** Messages of the hub, and to it. */
  readonly heard: number;
  readonly sent: number;
  /** What went wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** When each connection that stands was opened: milliseconds since the Unix epoch. */
  readonly online: readonly number[];
  /** For every host the newest revision that it has proved, and when. */
  readonly proved: readonly (readonly [revision: number, at: number])[];
  /** Dials that led to nothing. */
  readonly refusals: number;
  /** Of the swarm itself, in microseconds. */
  readonly cpu: { readonly user: number; readonly system: number };
}

export interface SwarmProcess extends AsyncDisposable {
  begin(): void;
  drop(oneOf: number): void;
  look(): Promise<Seen>;
  /** Looks again and again until it is so. */
  until(isSo: (seen: Seen) => boolean, withinMs: number): Promise<Seen>;
}

export async function swarmProcess(
  { agents, seed }: Size,
  hub: string,
  root: Uint8Array,
  folder: string,
): Promise<SwarmProcess> {
  const rootFile = join(folder, "pinned.root.json");
  writeFileSync(rootFile, root);
  const child: ChildProcess = fork(
    join(import.meta.dirname, "swarm-child.ts"),
    [String(agents), String(seed), hub, rootFile],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  await once(child, "message");
  const order = (message: Order) => {
    child.send(message);
  };
  const look = async () => {
    const answer = once(child, "message");
    order({ kind: "look" });
    return (await answer)[0] as Seen;
  };
  return {
    look,
    begin: () => order({ kind: "begin" }),
    drop: (oneOf) => order({ kind: "drop", oneOf }),
    async until(isSo, withinMs) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const seen = await look();
        if (isSo(seen)) return seen;
        if (performance.now() > deadline || child.exitCode !== null)
          throw new Error(`the swarm waited in vain: ${JSON.stringify(summaryOf(seen))}`);
        await delay(200);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

function summaryOf({ online, proved, refusals, failures }: Seen) {
  const revisions = Map.groupBy(proved, ([revision]) => revision);
  const counts = [...revisions].map(([revision, all]) => [revision, all.length]);
  return { online: online.length, proved: Object.fromEntries(counts), refusals, failures };
}
