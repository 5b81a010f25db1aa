import type { EngineError } from "../runner/runner.ts";

/** What a caller gets instead of an answer, in the shape of OpenAI's API. */
export interface ApiError {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 413
    | 415
    | 416
    | 417
    | 429
    | 431
    | 500
    | 503
    | 504;
  readonly type: "invalid_request_error" | "rate_limit_error" | "server_error";
  readonly code: string;
  /** The field of the request that is wrong. */
  readonly param: string | null;
  readonly message: string;
  readonly retryAfterS?: number;
}

/** A value, or what to say instead. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ApiError };

export function wrong(
  code: string,
  message: string,
  param: string | null = null,
  status: ApiError["status"] = 400,
): ApiError {
  return { status, type: "invalid_request_error", code, param, message };
}

export function unavailable(code: string, message: string, retryAfterS = 2): ApiError {
  return { status: 503, type: "server_error", code, param: null, message, retryAfterS };
}

export function unsupported(param: string, message: string): ApiError {
  return wrong("unsupported_parameter", message, param);
}

export function invalid(param: string | null, message: string): ApiError {
  return wrong("invalid_value", message, param);
}

export const stopping: ApiError = unavailable(
  "stopping",
  "This gateway is stopping. Ask again in a moment, or ask another host.",
);

/** The time that the caller itself gave is over. */
export const tooLate: ApiError = {
  status: 504,
  type: "server_error",
  code: "deadline_exceeded",
  param: null,
  message:
    "The answer was not there within the time that the request allows (Prefer: wait, or the client's own limit).",
};

/** Our own error. What it was stands in the journal, under the request's id. */
export const ourFault: ApiError = {
  status: 500,
  type: "server_error",
  code: "internal_error",
  param: null,
  message: "The gateway failed. The agent's journal says more, under the id of this request.",
};

export function crowded(deployment: string, waiting: number): ApiError {
  return {
    status: 429,
    type: "rate_limit_error",
    code: "too_many_requests",
    param: null,
    message: `${waiting} requests are waiting for ${deployment} already. Ask again in a moment.`,
    retryAfterS: 1,
  };
}

/** `ms`: until it is worth asking again. */
export function limited(
  code: "rate_limit_exceeded" | "insufficient_quota",
  message: string,
  ms: number,
): ApiError {
  const retryAfterS = Math.max(1, Math.ceil(ms / 1_000));
  return { status: 429, type: "rate_limit_error", code, param: null, message, retryAfterS };
}

/** `given`: there was a key, and nobody has it. */
export function noKey(given: boolean): ApiError {
  return wrong(
    "invalid_api_key",
    given
      ? "This key opens nothing here. Whoever answers for the model can give you one."
      : "A key is needed for this: send it as `authorization: Bearer <key>`.",
    null,
    401,
  );
}

/** `reasons`: why each of those that could answer cannot. */
export function notReady(name: string, reasons: readonly string[]): ApiError {
  return unavailable("model_not_ready", `${shown(name)} is not ready: ${reasons.join("; ")}`);
}

/** `known`: what the caller may ask for. */
export function unknownModel(name: string, known: readonly string[]): ApiError {
  const names = known.length === 0 ? "none yet" : known.toSorted().join(", ");
  return wrong(
    "model_not_found",
    `The model ${shown(name)} does not exist on this host. It serves: ${names}.`,
    "model",
    404,
  );
}

export function errorOfEngine({ code, message }: EngineError, param: string): ApiError {
  switch (code) {
    case "prompt-too-long":
      return wrong("context_length_exceeded", message, param);
    case "unsupported":
      return wrong("unsupported_by_model", message, null);
    case "engine-lost":
      return unavailable("engine_lost", `${message} Ask again in a moment.`);
    case "cancelled":
      return stopping;
    case "engine-failed":
      return { ...ourFault, code: "engine_failed", message };
  }
}

/** A caller's text in a message: never long, never with control characters. */
export function shown(text: string): string {
  const short = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return JSON.stringify(short);
}

export function bodyOf({ message, type, param, code }: ApiError): object {
  return { error: { message, type, param, code } };
}
