import type { FastifyRequest } from "fastify";
import type { Left } from "./allowance.ts";
import type { Read } from "./api-error.ts";
import type { Office } from "./office.ts";
import type { Priority } from "./turns.ts";

/** Who asks, once it is clear that they may. */
export interface Guest {
  /** With whom it shares its turn: factory and name of the key; empty for all who came without one. */
  readonly caller: string;
  readonly priority: Priority;
  /** What it may still ask for. */
  left(): Left;
  /** Notes what an answer of a deployment cost. */
  spend(deployment: string, inputTokens: number, outputTokens: number): void;
}

/** Looks at the key of a request for a model. */
export function guestOf(
  { callers, allowances, counter }: Office,
  request: FastifyRequest,
  model: string,
): Read<Guest> {
  const found = callers.of(request.headers.authorization, model);
  if (!found.ok) return found;
  const caller = found.value;
  const id = caller?.id ?? "";
  const limits = caller?.key ?? {};
  const error = allowances.ask(id, limits);
  if (error !== undefined) return { ok: false, error };
  const guest: Guest = {
    caller: id,
    priority: caller?.key.priority ?? "normal",
    left: () => allowances.left(id, limits),
    spend(deployment, inputTokens, outputTokens) {
      allowances.spend(id, inputTokens + outputTokens);
      counter.used({ caller: id, model, deployment }, inputTokens, outputTokens);
    },
  };
  return { ok: true, value: guest };
}
