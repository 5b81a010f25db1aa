/** A client of the gateway that costs as little as may be: it shares the machine with what it measures. */
import { Agent, type IncomingMessage, request } from "node:http";

export interface Streamed {
  /** From the first byte sent to the first piece of text. */
  readonly firstMs: number;
  readonly ms: number;
  /** As the usage at the end says. */
  readonly tokens: number;
}

export interface Asked {
  readonly model: string;
  readonly prompt: string;
  readonly most: number;
  /** Called with the first piece of text. */
  readonly begun?: () => void;
  readonly signal?: AbortSignal;
}

export interface Client {
  /** One streamed answer. Throws when it is not one. */
  stream(asked: Asked): Promise<Streamed>;
}

export function clientOf(url: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  return {
    async stream({ model, prompt, most, begun, signal }) {
      const body = JSON.stringify({
        ...{ model, stream: true, max_tokens: most, temperature: 0 },
        stream_options: { include_usage: true },
        messages: [{ role: "user", content: prompt }],
      });
      const at = performance.now();
      const response = await post(`${url}/v1/chat/completions`, body, agent, signal);
      let firstMs: number | undefined;
      let last = "";
      for await (const chunk of response) {
        const text = String(chunk);
        // The opening has an empty text.
        if (firstMs === undefined && /"content":"[^"]/.test(text)) {
          firstMs = performance.now() - at;
          begun?.();
        }
        last = (last + text).slice(-2_000);
      }
      const tokens = Number(/"completion_tokens":(\d+)/.exec(last)?.[1]);
      if (response.statusCode !== 200 || firstMs === undefined || !last.endsWith("[DONE]\n\n"))
        throw new Error(`no answer but ${response.statusCode}: ${last}`);
      return { firstMs, tokens, ms: performance.now() - at };
    },
  };
}

function post(
  url: string,
  body: string,
  agent: Agent,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const options = { method: "POST", agent, headers, ...(signal && { signal }) };
    request(url, options, resolve).once("error", reject).end(body);
  });
}
