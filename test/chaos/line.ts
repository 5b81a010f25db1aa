/** A line of TCP between two real programs, on which a test makes faults. What is sent is never changed, only hindered. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Faults {
  /** Each piece comes so much later. Milliseconds. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** Nothing passes, and nobody is told: what was sent comes when the fault is over, as TCP would bring it. */
  readonly partitioned?: boolean;
  /** Each new connection is reset when so many bytes have come down: in the middle of a frame, or of an answer. */
  readonly cutAfter?: number;
  /** New connections are reset at once. */
  readonly refusing?: boolean;
}

export interface Line extends AsyncDisposable {
  /** What hinders from now on. */
  faults: Faults;
  readonly url: string;
  /** Both ends of every connection are reset. */
  reset(): void;
  /** The far ends are gone; the near ones are not told, and wait. */
  halfOpen(): void;
  /** How many connections were made, and how many bytes came down. */
  readonly seen: { connections: number; bytes: number };
}

/** So often it is looked whether a partition is over. */
const LOOK_MS = 20;

export async function lineTo(target: () => string): Promise<Line> {
  const pairs = new Map<Socket, Socket>();
  const end = new AbortController();
  const seen = { connections: 0, bytes: 0 };

  const hindered = async (bytes: number) => {
    const { latencyMs = 0, bytesPerSecond } = line.faults;
    const forBytes = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000;
    if (latencyMs + forBytes > 0) await delay(latencyMs + forBytes, undefined, end);
    while (line.faults.partitioned) await delay(LOOK_MS, undefined, end);
  };
  const pump = async (
    from: Socket,
    to: Socket,
    cutAfter: number,
    count: (bytes: number) => void,
  ) => {
    let left = cutAfter;
    for await (const piece of from as AsyncIterable<Buffer>) {
      await hindered(piece.length);
      count(Math.min(piece.length, left));
      if (!to.write(piece.subarray(0, left)) && !to.destroyed)
        await Promise.race([once(to, "drain"), once(to, "close")]);
      left -= piece.length;
      if (left > 0) continue;
      from.resetAndDestroy();
      to.resetAndDestroy();
      return;
    }
    to.end();
  };
  const server = createServer((near) => {
    seen.connections += 1;
    near.on("error", () => near.destroy());
    if (line.faults.refusing) {
      near.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    far.on("error", () => near.resetAndDestroy());
    pairs.set(near, far);
    near.once("close", () => {
      pairs.delete(near);
      far.destroy();
    });
    const down = pump(far, near, line.faults.cutAfter ?? Number.POSITIVE_INFINITY, (bytes) => {
      seen.bytes += bytes;
    });
    const up = pump(near, far, Number.POSITIVE_INFINITY, () => undefined);
    // A connection that broke is what a line of this kind is for.
    for (const way of [down, up]) way.catch(() => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const line: Line = {
    faults: {},
    url: `http://127.0.0.1:${address.port}`,
    seen,
    reset() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    halfOpen() {
      for (const far of pairs.values()) {
        far.removeAllListeners();
        far.on("error", () => undefined);
        far.unpipe();
        far.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      for (const near of pairs.keys()) near.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return line;
}
