/** An error as tsc reports it. Positions are offsets in UTF-16 units. */
export interface TscDiagnostic {
  /** Absent where the program as a whole is meant. */
  readonly file: string | undefined;
  readonly start: number;
  readonly end: number;
  /** The number after `TS`. */
  readonly number: number;
  readonly severity: "error" | "other";
  readonly text: string;
  /** Why, from the general to the particular. */
  readonly because: readonly TscDiagnostic[];
  readonly related: readonly TscDiagnostic[];
}

/** `category` of an error, among warnings (0), suggestions (2) and messages (3). */
const ERROR = 1;

/** Throws when tsc says something of another form than this version of it does. */
export function readTscDiagnostics(answer: unknown): readonly TscDiagnostic[] {
  if (answer === null || answer === undefined) return [];
  if (!Array.isArray(answer)) throw unreadable(answer);
  return answer.map(readOne);
}

function readOne(value: unknown): TscDiagnostic {
  const { fileName, pos, end, code, category, text, messageChain, relatedInformation } = (value ??
    {}) as Readonly<Record<string, unknown>>;
  if (
    typeof pos !== "number" ||
    typeof end !== "number" ||
    typeof code !== "number" ||
    typeof text !== "string"
  )
    throw unreadable(value);
  return {
    file: typeof fileName === "string" ? fileName : undefined,
    start: pos,
    end,
    number: code,
    severity: category === ERROR ? "error" : "other",
    text,
    because: readTscDiagnostics(messageChain),
    related: readTscDiagnostics(relatedInformation),
  };
}

function unreadable(value: unknown): Error {
  return new Error(`impossible: tsc says ${JSON.stringify(value)?.slice(0, 200)}`);
}
