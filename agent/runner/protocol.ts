/**
 * What agent and runner say to one another on the runner's Unix socket: lines of JSON, told apart by `id`.
 * Both ends are ours and run as the same user; the cap only bounds what a broken end can do.
 */
import { lineCutter } from "../life/life.ts";
import type {
  EngineErrorCode,
  EngineStats,
  GenerateRequest,
  TextPiece,
  ToolCallPiece,
  Usage,
} from "./engine.ts";
import type { RunnerSpec } from "./spec.ts";

/** The digest of the specification whose context is asked; absent: the one for which the process was started. */
interface Asked {
  readonly context?: string;
}

export type Request =
  | (Asked & { readonly kind: "generate"; readonly id: number; readonly request: GenerateRequest })
  | (Asked & { readonly kind: "embed"; readonly id: number; readonly inputs: readonly string[] })
  | (Asked & {
      readonly kind: "rerank";
      readonly id: number;
      readonly query: string;
      readonly documents: readonly string[];
    })
  | (Asked & { readonly kind: "stats"; readonly id: number })
  /** Opens a context over the weights that are here. */
  | { readonly kind: "open"; readonly id: number; readonly spec: RunnerSpec }
  /** Closes the context of this specification, and ends what it still answers. */
  | { readonly kind: "close"; readonly id: number; readonly context: string }
  /** Stops the request of this id. It still ends with `done` or `error`. */
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "describe"; readonly id: number };

export type Reply =
  | (TextPiece & { readonly id: number })
  | (ToolCallPiece & { readonly id: number })
  | {
      readonly kind: "done";
      readonly id: number;
      readonly finishReason: "stop" | "length";
      readonly usage: Usage;
      readonly confidence?: number;
    }
  | {
      readonly kind: "vectors";
      readonly id: number;
      readonly vectors: readonly (readonly number[])[];
      readonly inputTokens: number;
    }
  | {
      readonly kind: "scores";
      readonly id: number;
      readonly scores: readonly number[];
      readonly inputTokens: number;
    }
  | {
      readonly kind: "described";
      readonly id: number;
      /** Of the specification for which the process was started. */
      readonly digest: string;
      readonly pid: number;
      /** What is open in it. Absent in runners of older agents: what it was started for. */
      readonly contexts?: readonly RunnerSpec[];
      /** When it started, in milliseconds since the Unix epoch, and how many requests it has begun to answer. */
      readonly since?: number;
      readonly answered?: number;
    }
  | { readonly kind: "opened" | "closed"; readonly id: number }
  /** `null`: it has nothing to tell. */
  | { readonly kind: "stats"; readonly id: number; readonly stats: EngineStats | null }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly code: EngineErrorCode;
      readonly message: string;
    };

/** The socket's name inside the runner's folder. */
export const SOCKET = "s";

/** The name of the file inside the runner's folder that holds its process id. */
export const PID = "pid";

/** The name of the file inside the runner's folder that says where the program of an external engine lies. */
export const PROGRAM = "program";

/** The name of the file inside the runner's folder that says how much of the model is loaded, in per cent. */
export const PROGRESS = "progress";

/** Bytes of one line. The gateway's bodies have far fewer; a line with 16 vectors does, too. */
export const MAX_LINE = 16 * 1024 ** 2;

export function lineOf(message: Request | Reply): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts a stream of bytes into messages. `undefined` as a message: the other end is broken, hang up. */
export function lineReader<T extends Request | Reply>(): (
  chunk: Buffer,
) => readonly (T | undefined)[] {
  const cut = lineCutter(MAX_LINE);
  return (chunk) => cut(chunk).map((line) => (line === undefined ? undefined : messageOf<T>(line)));
}

function messageOf<T extends Request | Reply>(line: Buffer): T | undefined {
  try {
    const message = JSON.parse(line.toString("utf8")) as T;
    return typeof message === "object" && message !== null && typeof message.id === "number"
      ? message
      : undefined;
  } catch {
    // No JSON: the other end is broken, which is all that the caller needs to know.
    return undefined;
  }
}
