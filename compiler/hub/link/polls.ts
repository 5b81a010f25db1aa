import type { AgentToServer } from "@millwright/schema/opamp";
import type { HostView } from "../fleet/fleet.ts";
import type { Reply, Talk } from "./talk.ts";

/** A host polls every 30 seconds: one that has missed four times is not there. */
const FORGOTTEN_MS = 150_000;

/** Hosts that poll over plain HTTP, kept between two requests as a WebSocket keeps them. */
export interface Polls {
  answer(host: HostView, message: AgentToServer | undefined): Reply;
  has(host: HostView): boolean;
  /** The host is here by another way, or not any more. */
  forget(name: string): void;
  /** Forgets whom nothing was heard of for minutes, and whoever `stays` does not hold for. */
  sweep(stays: (host: HostView) => boolean): void;
  readonly size: number;
}

export interface PollsRequest {
  readonly now: () => number;
  readonly talk: (host: HostView) => Talk;
  readonly began: (host: HostView) => void;
  readonly ended: (host: HostView) => void;
}

interface Poll {
  readonly host: HostView;
  readonly key: HostView["key"];
  readonly talk: Talk;
  heardAt: number;
}

export function pollsOf({ now, talk, began, ended }: PollsRequest): Polls {
  const polls = new Map<string, Poll>();
  const forget = (name: string) => {
    const poll = polls.get(name);
    if (poll === undefined) return;
    polls.delete(name);
    poll.talk.end();
    ended(poll.host);
  };
  const begin = (host: HostView): Poll => {
    // Whoever was deleted and enrolled again, or has another key, is another host.
    forget(host.name);
    const poll = { ...{ host, key: host.key }, talk: talk(host), heardAt: now() };
    polls.set(host.name, poll);
    began(host);
    return poll;
  };
  const isOf = (poll: Poll | undefined, host: HostView): poll is Poll =>
    poll !== undefined && poll.host === host && poll.key === host.key;
  return {
    get size() {
      return polls.size;
    },
    has: (host) => isOf(polls.get(host.name), host),
    forget,
    answer(host, message) {
      const known = polls.get(host.name);
      const poll = isOf(known, host) ? known : begin(host);
      poll.heardAt = now();
      const reply = poll.talk.answer(message);
      // There is no pushing to whoever polls: what is new comes with an answer.
      const news = reply.end === undefined ? poll.talk.news() : undefined;
      // Whoever says too much is remembered, or the next request would have all its credit again.
      if (reply.end !== undefined && reply.end !== "flood") forget(host.name);
      return news === undefined ? reply : { message: { ...reply.message, ...news } };
    },
    sweep(stays) {
      for (const [name, { host, key, heardAt }] of polls) {
        const isHere = Math.abs(now() - heardAt) < FORGOTTEN_MS;
        if (!isHere || host.key !== key || !stays(host)) forget(name);
      }
    },
  };
}
