/** The real hub, in this process, on the clock of the world. */
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../agent/life/life.ts";
import { runHub } from "../../compiler/hub/hub.ts";
import type { WorldClock } from "./clock-kit.ts";
import type { Fleet } from "./fleet-kit.ts";
import { until } from "./until-kit.ts";

/** How often the hub looks at the branch by itself; it is told of every release. */
const POLL_MS = 2_001;

export interface RealHub {
  readonly url: string;
  /** Looks at the branch at once. */
  look(): void;
  stop(): Promise<void>;
}

export async function startHub(
  { shop }: Fleet,
  clock: WorldClock,
  onlineKey: KeyObject,
): Promise<RealHub> {
  const end = new AbortController();
  const address = Promise.withResolvers<string>();
  let bell = new AbortController();
  const patient: Clock = {
    now: clock.now,
    sleep: (ms, signal) =>
      clock.sleep(ms, ms === POLL_MS ? AbortSignal.any([signal, bell.signal]) : signal),
  };
  const running = runHub(
    {
      ...{ repository: shop.repository, data: join(shop.folder, "hub"), onlineKey, clock: patient },
      ...{ listen: { host: "127.0.0.1", port: 0 }, pollMs: POLL_MS },
      journal: () => undefined,
      ready: ({ url }) => address.resolve(url),
    },
    end.signal,
  );
  running.catch(address.reject);
  const url = await address.promise;
  await until("the hub offers", async () => (await fetch(`${url}/healthz`)).status === 200);
  return {
    url,
    look() {
      bell.abort();
      bell = new AbortController();
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}
