/** Two hosts or more that answer for each other, over the TLS that they really speak. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:net";
import {
  canonicalDigest,
  type HostName,
  type HostPlan,
  type Neighbour,
  publicKeyOf,
} from "@millwright/schema";
import OpenAI from "openai";
import { onTestFinished } from "vitest";
import { gateway, type Interaction } from "../../agent/gateway/gateway.ts";
import {
  type Conditions,
  conditionsOf,
  type HappenedEvent,
  systemChance,
  systemClock,
} from "../../agent/life/life.ts";
import { relayOf } from "../../agent/relay/relay.ts";
import type { Engine } from "../../agent/runner/runner.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { servingOf, verifiedPlan } from "./gateway-kit.ts";

export interface Who {
  readonly host: HostName;
  readonly key: KeyObject;
  readonly address: string;
}

export async function newHost(name: string): Promise<Who> {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { host: name as HostName, key: privateKey, address: `127.0.0.1:${await freePort()}` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export function neighbourOf({ host, key, address }: Who, of: Partial<Neighbour>): Neighbour {
  return { host, key: publicKeyOf(key), address, ...of };
}

/** A plan of this host with these changes. */
export function planOf({ host, key, address }: Who, changes: Partial<HostPlan>): VerifiedPlan {
  const made = verifiedPlan({
    ...{ host, key: publicKeyOf(key) },
    gateway: { listen: "127.0.0.1:0", address },
    ...changes,
  });
  return { ...made, digest: canonicalDigest(made.plan) } as VerifiedPlan;
}

export interface RunningHost {
  readonly client: OpenAI;
  readonly url: string;
  readonly serving: ReturnType<typeof servingOf>;
  readonly conditions: Conditions;
  readonly interactions: readonly Interaction[];
  readonly events: readonly HappenedEvent[];
  /** Another plan from now on. */
  obey(plan: VerifiedPlan): void;
  stop(): Promise<void>;
}

export async function startHost(
  who: Who,
  plan: VerifiedPlan,
  engines: readonly Engine[],
): Promise<RunningHost> {
  let now = plan;
  const serving = servingOf(plan, engines);
  const conditions = conditionsOf(systemClock);
  const interactions: Interaction[] = [];
  const events: HappenedEvent[] = [];
  const end = new AbortController();
  const common = { clock: systemClock, chance: systemChance, conditions };
  const relay = relayOf({ key: who.key, plan: () => now.plan, ...common });
  let running: Promise<void> = Promise.resolve();
  const address = await new Promise<string>((resolve, reject) => {
    const made = gateway({
      listen: "127.0.0.1:0",
      serving: { ...serving, plan: () => now },
      plan: () => now,
      recorder: {
        interaction: (seen) => void interactions.push(seen),
        opinion: async () => ({ ok: true, id: "sample" }),
      },
      ...common,
      journal: (_, event) => void events.push(event),
      listening: resolve,
      around: { key: who.key, relay },
      drainMs: 2_000,
    });
    running = made.run(end.signal);
    running.catch(reject);
  });
  const stop = async () => {
    end.abort();
    await running;
    relay.close();
  };
  onTestFinished(stop);
  const url = `http://${address}`;
  return {
    ...{ url, serving, conditions, interactions, events, stop },
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 }),
    obey(next) {
      now = next;
    },
  };
}
