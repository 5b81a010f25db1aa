import { createParser } from "eventsource-parser";
import { EngineError } from "../../engine.ts";

/** Characters of one event. A token with all its probabilities has far fewer. */
const MAX_EVENT = 1024 ** 2;

/**
 * The JSON of each event, up to the last. Throws EngineError for what is no stream of events, and for one that ends
 * without `[DONE]`: half an answer must not look like a whole one.
 */
export async function* eventsOf(
  chunks: AsyncGenerator<Buffer, void>,
): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder("utf-8");
  const waiting: string[] = [];
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT,
    onEvent: ({ data }) => waiting.push(data),
    onError: ({ type }) => {
      tooLong ||= type === "max-buffer-size-exceeded";
    },
  });
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    for (let data = waiting.shift(); data !== undefined; data = waiting.shift()) {
      if (data.trim() === "[DONE]") return;
      yield parsed(data);
    }
    if (tooLong)
      throw new EngineError(
        "engine-failed",
        `The engine sent an event of more than ${MAX_EVENT} characters.`,
      );
  }
  throw new EngineError("engine-failed", "The engine broke off its answer before its end.");
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    const begin = data.slice(0, 100);
    throw new EngineError("engine-failed", `The engine sent an event that is no JSON: ${begin}`, {
      cause,
    });
  }
}
