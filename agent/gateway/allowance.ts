import type { PlannedApiKey } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import { type ApiError, limited } from "./api-error.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Limits = Pick<PlannedApiKey, "requestsPerMinute" | "tokensPerDay">;

/** What a caller may still ask for, as headers of an answer: the names of OpenAI's API. */
export type Left = Readonly<Record<string, string>>;

/** What each caller has used up of what its key allows: by this host, since it started. */
export interface Allowances {
  /** Takes a request off; or says why it is too many. */
  ask(caller: string, limits: Limits): ApiError | undefined;
  /** Takes tokens off that were read or written. */
  spend(caller: string, tokens: number): void;
  left(caller: string, limits: Limits): Left;
}

interface Account {
  /** Requests that may come at once, as of `at`: a bucket that a minute fills. */
  requests: number;
  at: number;
  /** Which day of UTC, and what was spent in it. */
  day: number;
  tokens: number;
}

export function allowancesOf(clock: Clock): Allowances {
  const accounts = new Map<string, Account>();

  const accountOf = (caller: string, { requestsPerMinute = 0 }: Limits): Account => {
    const now = clock.now();
    const account = accounts.get(caller) ?? {
      ...{ requests: requestsPerMinute, at: now, day: dayOf(now), tokens: 0 },
    };
    accounts.set(caller, account);
    // A clock that is set back gives nothing and takes nothing.
    const passed = Math.max(0, now - account.at);
    account.requests = Math.min(
      requestsPerMinute,
      account.requests + (passed / MINUTE_MS) * requestsPerMinute,
    );
    account.at = now;
    if (dayOf(now) !== account.day) {
      account.day = dayOf(now);
      account.tokens = 0;
    }
    return account;
  };

  return {
    ask(caller, limits) {
      const { requestsPerMinute, tokensPerDay } = limits;
      const account = accountOf(caller, limits);
      if (tokensPerDay !== undefined && account.tokens >= tokensPerDay)
        return limited(
          "insufficient_quota",
          `This key may use ${tokensPerDay} tokens in a day (UTC), and has used them.`,
          (account.day + 1) * DAY_MS - clock.now(),
        );
      if (requestsPerMinute === undefined) return undefined;
      if (account.requests < 1)
        return limited(
          "rate_limit_exceeded",
          `This key may ask ${requestsPerMinute} times in a minute.`,
          ((1 - account.requests) / requestsPerMinute) * MINUTE_MS,
        );
      account.requests -= 1;
      return undefined;
    },
    spend(caller, tokens) {
      const account = accounts.get(caller);
      if (account !== undefined) account.tokens += tokens;
    },
    left(caller, limits) {
      const { requestsPerMinute, tokensPerDay } = limits;
      const { requests, tokens } = accountOf(caller, limits);
      return {
        ...(requestsPerMinute !== undefined && {
          "x-ratelimit-limit-requests": String(requestsPerMinute),
          "x-ratelimit-remaining-requests": String(Math.floor(requests)),
        }),
        ...(tokensPerDay !== undefined && {
          "x-ratelimit-limit-tokens": String(tokensPerDay),
          "x-ratelimit-remaining-tokens": String(Math.max(0, tokensPerDay - tokens)),
        }),
      };
    },
  };
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
