import type { Decision, Ruling } from "../routing/routing.ts";
import { type Engine, EngineError } from "../runner/runner.ts";
import type { Guest } from "./guest.ts";
import type { Office } from "./office.ts";
import type { Waiting } from "./turns.ts";

type Ask = Extract<Decision, { kind: "ask" }>;

/** Characters of a task that a classifier reads: its beginning says what it is, and its end what is wanted. */
const HEAD = 1_500;
const TAIL = 500;
/** A label is a few tokens, in quotes. */
const MOST_TOKENS = 40;

/**
 * Asks a small model of which kind a task is. It can say nothing but one of the labels, and says how sure it is. What
 * goes wrong, or takes too long, is a ruling too: the task goes on to the next rule and waits for nothing.
 */
export async function classified(
  office: Office,
  { rule, classify }: Ask,
  texts: readonly string[],
  guest: Guest,
  who: Waiting,
): Promise<Ruling> {
  const { by, labels, withinMs } = classify;
  if (office.breakers.open(office.clock.now()).includes(by)) return { rule, none: "failed" };
  const late = new AbortController();
  const over = new AbortController();
  void office.clock.sleep(withinMs, over.signal).then(() => late.abort());
  const give = () => late.abort();
  who.signal.addEventListener("abort", give, { once: true });
  try {
    const asked = await office.desk.serve(
      by,
      "messages",
      { ...who, signal: late.signal },
      (engine) => asking(engine, prompt(labels, texts.at(-1) ?? ""), names(labels), late.signal),
      [{ kind: "deployment", deployment: by }],
    );
    if (!asked.ok) return { rule, none: late.signal.aborted ? "late" : "failed" };
    using served = asked;
    const { label, confidence, inputTokens, outputTokens } = served.value;
    guest.spend(by, inputTokens, outputTokens);
    const isKnown = label !== undefined && confidence !== undefined;
    return isKnown ? { rule, label, confidence } : { rule, none: "failed" };
  } catch (error) {
    if (!late.signal.aborted) throw error;
    return { rule, none: "late" };
  } finally {
    who.signal.removeEventListener("abort", give);
    over.abort();
  }
}

type Labels = Ask["classify"]["labels"];

const names = (labels: Labels) => labels.map(({ name }) => name);

function prompt(labels: Labels, text: string): string {
  const task = text.length > HEAD + TAIL ? `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}` : text;
  const kinds = labels.map(({ name, is }) => `- ${name}: ${is}`).join("\n");
  return `Of which kind is the task below? The kinds are:\n${kinds}\n\nAnswer with the name of one kind.\n\nThe task:\n${task}`;
}

async function asking(
  engine: Engine,
  content: string,
  labels: readonly string[],
  signal: AbortSignal,
) {
  const request = {
    prompt: { kind: "chat" as const, messages: [{ role: "user", content }] },
    maxTokens: MOST_TOKENS,
    schema: { enum: labels },
    confidence: true as const,
  };
  let text = "";
  for await (const event of engine.generate(request, signal)) {
    if (event.kind === "text") text += event.text;
    if (event.kind !== "done") continue;
    const { confidence, usage } = event;
    return {
      label: labels.find((each) => text.trim() === JSON.stringify(each)),
      confidence,
      ...usage,
    };
  }
  throw new EngineError("engine-failed", "The model stopped without saying why.");
}
