import { type IncomingMessage, request } from "node:http";
import type { Clock } from "../../../life/life.ts";
import { EngineError } from "../../engine.ts";

/** An engine's HTTP API on loopback. */
export interface Api {
  /** The status of an answer whose body does not matter; 0 when none came in time. */
  status(path: string, withinMs: number, signal: AbortSignal): Promise<number>;
  /** The answer to a question, as it begins. Throws EngineError. */
  ask(path: string, body: unknown, signal: AbortSignal): Promise<Answer>;
  /** When the engine last said anything. */
  heard(): number;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Whoever stops reading has the connection closed, by which engines know that nobody waits. Throws EngineError. */
  readonly chunks: AsyncGenerator<Buffer, void>;
}

/** Redirects are not followed: the key and the prompt would go where they lead. */
export function apiAt(port: number, key: string, clock: Clock): Api {
  let heard = clock.now();

  const send = (
    method: "GET" | "POST",
    path: string,
    signal: AbortSignal,
    body?: string,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = request({
        ...{ host: "127.0.0.1", port, method, path, signal },
        // A new connection costs a tenth of a millisecond here; one that is kept may be closed just as it is used.
        agent: false,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          }),
        },
      });
      sent.on("error", reject);
      sent.once("response", resolve);
      sent.end(body);
    });

  const chunksOf = async function* (
    response: IncomingMessage,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    try {
      for await (const chunk of response) {
        heard = clock.now();
        yield chunk as Buffer;
      }
    } catch (cause) {
      signal.throwIfAborted();
      throw brokenOff(cause);
    } finally {
      response.destroy();
    }
  };

  return {
    heard: () => heard,
    async status(path, withinMs, signal) {
      const late = new AbortController();
      const done = new AbortController();
      void clock.sleep(withinMs, done.signal).then(() => late.abort());
      try {
        const response = await send("GET", path, AbortSignal.any([signal, late.signal]));
        response.on("error", () => undefined).destroy();
        return response.statusCode ?? 0;
      } catch {
        // Nobody listens yet, or it does not answer in time: that is an answer.
        return 0;
      } finally {
        done.abort();
      }
    },
    async ask(path, body, signal) {
      try {
        const response = await send("POST", path, signal, JSON.stringify(body));
        return {
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          chunks: chunksOf(response, signal),
        };
      } catch (cause) {
        signal.throwIfAborted();
        throw brokenOff(cause);
      }
    },
  };
}

/** The connection to the engine ended before its answer did. */
export function brokenOff(cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineError("engine-failed", `The engine broke off its answer: ${reason}`, { cause });
}
