/** Waits for something that an agent says, and misses nothing that it says meanwhile. */
import type { AgentToServer } from "@millwright/schema/opamp";

const PATIENCE_MS = 30_000;

export interface Ears {
  /** To be called with every message, and the number of the connection it came by. */
  hear(message: AgentToServer, connection: number): void;
  /** The first thing from now on of which `read` makes something. */
  heard<T>(
    what: string,
    read: (message: AgentToServer, connection: number) => T | undefined,
  ): Promise<T>;
}

export function earsOf(): Ears {
  const listeners = new Set<Ears["hear"]>();
  return {
    hear(message, connection) {
      for (const listener of listeners) listener(message, connection);
    },
    heard: (what, read) =>
      new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(late);
          listeners.delete(listener);
        };
        const late = setTimeout(() => {
          done();
          reject(new Error(`the agent does not say ${what}`));
        }, PATIENCE_MS);
        const listener: Ears["hear"] = (message, connection) => {
          const found = read(message, connection);
          if (found === undefined) return;
          done();
          resolve(found);
        };
        listeners.add(listener);
      }),
  };
}
