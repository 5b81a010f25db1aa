import type { Evidence } from "../routing/routing.ts";

/** How an answer came about: names, numbers and rules, and no word of any text. */
export interface Trace {
  /** What was asked for. */
  readonly name: string;
  readonly rule: string;
  /** On what the decision rests, where there were rules: with it `millwright-agent route` makes it again. */
  readonly evidence?: Evidence;
  /** Who was asked before and gave no answer, and the code of the error. */
  readonly tried?: readonly { readonly deployment: string; readonly code: string }[];
  /** Who had answered before a larger model was asked, and how sure it was. */
  readonly escalated?: {
    readonly from: string;
    readonly confidence: number;
    /** Otherwise the first answer was given after all. */
    readonly answered: boolean;
  };
}

export function withTried(trace: Trace, tried: NonNullable<Trace["tried"]>): Trace {
  return tried.length === 0 ? trace : { ...trace, tried };
}

/** For the body of an answer. */
export function traceIn({ evidence, ...said }: Trace): object {
  return { ...said, ...(evidence !== undefined && { ...evidence }) };
}

/** For its head: the same, in letters that a header takes. `undefined` where nothing was decided. */
export function decisionToken(trace: Trace): string | undefined {
  return trace.evidence === undefined
    ? undefined
    : Buffer.from(JSON.stringify(traceIn(trace))).toString("base64url");
}
