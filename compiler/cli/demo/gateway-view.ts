import { Failure } from "../../failure.ts";

/** Asks as any client of the OpenAI API would. */
export async function chat(
  gateway: string,
  content: string,
): Promise<{ readonly id: string; readonly text: string }> {
  const { id, choices } = (await post(`${gateway}/v1/chat/completions`, {
    model: "summarise-mail",
    messages: [{ role: "user", content }],
  })) as { id: string; choices: { message: { content: string } }[] };
  return { id, text: choices[0]?.message.content ?? "" };
}

/** Says what an answer should have been. Gives the id of the sample. */
export async function correct(gateway: string, answer: string, output: string): Promise<string> {
  const { id } = (await post(`${gateway}/v1/feedback`, {
    id: answer,
    kind: "correction",
    output,
  })) as { id: string };
  return id;
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) {
    throw new Failure(
      "demo/refused",
      `${url} answered ${response.status}: ${await response.text()}`,
    );
  }
  return (await response.json()) as unknown;
}
