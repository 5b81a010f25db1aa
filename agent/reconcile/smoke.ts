import { type Clock, messageOf } from "../life/life.ts";
import type { Engine } from "../runner/runner.ts";
import type { Wanted } from "./wanted.ts";

const MAX_TOKENS = 256;

/** Asks a freshly loaded model what its plan says; `undefined` when it answers as it should, else what is wrong. */
export async function smokeTest(
  engine: Engine,
  { smoke }: Pick<Wanted, "smoke">,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (smoke === undefined) return undefined;
  const { prompt, contains, withinMs } = smoke;
  const late = new AbortController();
  const answered = new AbortController();
  const timer = clock.sleep(withinMs, AbortSignal.any([answered.signal, signal])).then(() => {
    if (!answered.signal.aborted) late.abort();
  });
  let text = "";
  try {
    const request = {
      prompt: { kind: "chat" as const, messages: [{ role: "user", content: prompt }] },
      maxTokens: MAX_TOKENS,
    };
    for await (const event of engine.generate(request, AbortSignal.any([late.signal, signal]))) {
      if (event.kind === "text") text += event.text;
    }
  } catch (error) {
    signal.throwIfAborted();
    return late.signal.aborted
      ? `the smoke prompt was not answered within ${withinMs} ms`
      : `the smoke prompt failed: ${messageOf(error)}`;
  } finally {
    answered.abort();
    await timer;
  }
  return text.includes(contains)
    ? undefined
    : `the smoke prompt was answered “${text.slice(0, 200)}”, which does not contain “${contains}”`;
}
