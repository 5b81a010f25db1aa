import type { Engine } from "../engine.ts";
import type { RunnerSpec } from "../spec.ts";

/** What holds the model of this process and answers for it: the embedded engine, or an external one behind its API. */
export interface Backend extends Engine {
  /** Resolves when it cannot answer any more, with why; absent where that would end this process anyway. */
  readonly lost?: Promise<Error>;
  /** Opens another context over the same weights, for a specification that differs in its adapter; absent: it cannot. */
  readonly beside?: (spec: RunnerSpec) => Promise<Context>;
  /** Gives back what it opened first, and keeps the weights for the contexts beside. */
  readonly close?: () => Promise<void>;
  /** Gives back all that it holds. Whoever answers has stopped asking. */
  dispose(): Promise<void>;
}

/** One of several contexts over the same weights. */
export interface Context extends Engine {
  /** Gives back its memory. Nobody asks it any more. */
  close(): Promise<void>;
}

export interface Opening {
  /** Is told every line of the engine's own log. */
  readonly said: (line: string) => void;
  /** Is told how much of the model is loaded, in per cent. */
  readonly progress: (percent: number) => void;
  readonly signal: AbortSignal;
}

/** Brings up what a specification says, ready to answer, or throws. */
export type Open = (spec: RunnerSpec, opening: Opening) => Promise<Backend>;
