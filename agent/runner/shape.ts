import type { GenerateRequest } from "./engine.ts";

/** What a request was like: numbers, and never a word of what was said. */
export interface RequestShape {
  readonly kind: "chat" | "text" | "embed" | "rerank";
  /** When it was asked, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** How long it had been going on when it ended. */
  readonly ms: number;
  readonly ended: "done" | "cut";
  /** Messages, inputs or documents. */
  readonly items: number;
  readonly characters: number;
  /** Of the options: numbers as they were, and how many of what was listed. */
  readonly options: Readonly<Record<string, number>>;
  /** Pieces of the answer that came. */
  readonly pieces: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** The shapes of the last requests of one instance, the newest last. */
export interface Shapes {
  list(): readonly RequestShape[];
  /** A request begins; it is kept in mind until `end`. */
  begin(shape: Pick<RequestShape, "kind" | "items" | "characters" | "options">): Going;
}

export interface Going {
  piece(): void;
  done(usage?: { readonly inputTokens: number; readonly outputTokens?: number }): void;
  /** Called always, in the end: what is not done by then was cut. */
  end(): void;
}

const KEPT = 16;

export function shapesOf(now: () => number): Shapes {
  const kept: RequestShape[] = [];
  return {
    list: () => [...kept],
    begin(shape) {
      const at = now();
      let pieces = 0;
      let usage: { readonly inputTokens?: number; readonly outputTokens?: number } | undefined;
      return {
        piece() {
          pieces += 1;
        },
        done(said = { inputTokens: 0 }) {
          usage = said;
        },
        end() {
          const { inputTokens, outputTokens } = usage ?? {};
          kept.push({
            ...shape,
            ...{ at, ms: now() - at, ended: usage === undefined ? "cut" : "done", pieces },
            ...(inputTokens !== undefined && { inputTokens }),
            ...(outputTokens !== undefined && { outputTokens }),
          });
          if (kept.length > KEPT) kept.shift();
        },
      };
    },
  };
}

/**
 * The shape of a request for text. Callers choose what stands in roles, schemas, tools and stop strings: of these only
 * sizes are taken, and of the options the names that are ours.
 */
export function shapeOf(
  request: GenerateRequest,
): Pick<RequestShape, "kind" | "items" | "characters" | "options"> {
  const { prompt, ...options } = request;
  const sizes = Object.entries(options).flatMap(([name, value]) => {
    if (typeof value === "number") return [[name, value] as const];
    if (Array.isArray(value)) return [[name, value.length] as const];
    return value === undefined ? [] : [[name, 1] as const];
  });
  const said = { options: Object.fromEntries(sizes) };
  if (prompt.kind === "text")
    return { kind: "text", items: 1, characters: prompt.text.length, ...said };
  const characters = prompt.messages.reduce(
    (sum, { content }) => sum + (typeof content === "string" ? content.length : 0),
    0,
  );
  return { kind: "chat", items: prompt.messages.length, characters, ...said };
}
