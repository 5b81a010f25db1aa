import { parseJson } from "@millwright/schema";
import { EngineError } from "../../engine.ts";

/** Characters of what the engine says of it. */
const MOST = 1_000;

/** What an engine answered in place of an answer, in its own words. */
export function refusalOf(status: number, body: string): EngineError {
  const said = messageIn(parseJson(body)) ?? body;
  const words = said.trim().slice(0, MOST);
  const message = words === "" ? `The engine answered with the status ${status}.` : words;
  return new EngineError(codeOf(status, body), message);
}

/** llama-server says it by its type, vLLM and SGLang in words. */
function codeOf(status: number, body: string): EngineError["code"] {
  if (status < 400 || status > 499) return "engine-failed";
  if (
    /exceed_context_size|context[ _](length|size|window)|maximum.*(length|context)|too long/i.test(
      body,
    )
  )
    return "prompt-too-long";
  return status === 400 || status === 422 || status === 413 || status === 501
    ? "unsupported"
    : "engine-failed";
}

/** `{ error: { message } }` of OpenAI, `{ message }` of older vLLM, `{ detail }` of FastAPI. */
function messageIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("error" in body) return typeof body.error === "string" ? body.error : messageIn(body.error);
  if ("message" in body && typeof body.message === "string") return body.message;
  if ("detail" in body) return JSON.stringify(body.detail);
  return undefined;
}
