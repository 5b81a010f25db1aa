/** Requests that keep coming while the fleet changes under them. */
export interface Load {
  /** Stops asking, waits for the last answers, and counts. */
  stop(): Promise<{
    readonly answered: number;
    readonly dropped: number;
    readonly reasons: readonly string[];
  }>;
}

/** One stream of requests to each gateway, one after the other, each answered as a stream of events. */
export function loadOn(gateways: readonly string[], body: object): Load {
  const stopping = new AbortController();
  let answered = 0;
  const reasons: string[] = [];

  const askOnAndOn = async (gateway: string) => {
    while (!stopping.signal.aborted) {
      const reason = await ask(gateway, body);
      if (reason === undefined) answered += 1;
      else reasons.push(reason);
    }
  };
  const all = Promise.all(gateways.map(askOnAndOn));
  return {
    async stop() {
      stopping.abort();
      await all;
      return { answered, dropped: reasons.length, reasons };
    },
  };
}

/** Why the answer did not come whole; `undefined` when it did. */
async function ask(gateway: string, body: object): Promise<string | undefined> {
  try {
    const response = await fetch(`${gateway}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, stream: true }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) return `${response.status} ${text}`;
    return text.includes("data: [DONE]") && !text.includes('"error"')
      ? undefined
      : `cut off: ${text.slice(-200)}`;
  } catch (error) {
    return String(error);
  }
}
