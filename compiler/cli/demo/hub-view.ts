import { type AgentStatus, readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { Failure } from "../../failure.ts";

const HostView = Type.Object({
  name: Type.String(),
  connected: Type.Boolean(),
  status: Type.Union([Type.Unsafe<AgentStatus>({ type: "object" }), Type.Null()]),
});
const HostList = Type.Object({ hosts: Type.Array(HostView) });
const FeedbackList = Type.Object({
  samples: Type.Array(Type.Object({ id: Type.String(), kind: Type.String(), host: Type.String() })),
});
export type HostView = Static<typeof HostView>;

const readHosts = readerOf(HostList);
const readFeedback = readerOf(FeedbackList);

/** What the hub shows to anybody who asks. */
export interface HubView {
  /** It has a verified revision to offer. */
  isHealthy(): Promise<true | undefined>;
  hosts(): Promise<readonly HostView[]>;
  /** The ids of the newest samples that have arrived. */
  feedback(): Promise<readonly { readonly id: string; readonly kind: string }[]>;
}

export function hubAt(origin: string): HubView {
  const read = async (path: string): Promise<unknown> => {
    const response = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as unknown;
  };
  return {
    async isHealthy() {
      const { ok } = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(5_000) });
      return ok ? true : undefined;
    },
    async hosts() {
      const list = readHosts(await read("/v1/hosts"));
      if (!list.ok)
        throw new Failure(
          "demo/hub-answer",
          "The hub's /v1/hosts is not what the demo knows. See its log.",
        );
      return list.value.hosts;
    },
    async feedback() {
      const list = readFeedback(await read("/v1/feedback?limit=100"));
      if (!list.ok)
        throw new Failure(
          "demo/hub-answer",
          "The hub's /v1/feedback is not what the demo knows. See its log.",
        );
      return list.value.samples;
    },
  };
}

/** Asks until the answer is there; throws when it is not after `withinMs`. A hub that does not answer yet is asked again. */
export async function until<T>(
  what: string,
  withinMs: number,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last = "";
  while (performance.now() < deadline && !signal.aborted) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = ` (${String(error)})`;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Failure("demo/too-late", `Waited ${withinMs / 1000} s in vain until ${what}${last}.`);
}
