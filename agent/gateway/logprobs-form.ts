import type { TokenLogprob } from "../runner/runner.ts";

type Likely = Pick<TokenLogprob, "token" | "logprob">;

/** As chat completions word how likely tokens were. */
export function chatLogprobs(logprobs: readonly TokenLogprob[] | undefined): object | null {
  if (logprobs === undefined) return null;
  const content = logprobs.map(({ top, ...drawn }) => ({
    ...wordOf(drawn),
    top_logprobs: top.map(wordOf),
  }));
  return { content, refusal: null };
}

/** `null` of what is only part of a character: the text of such a token is not what it stands for. */
function wordOf({ token, logprob }: Likely): object {
  return { token, logprob, bytes: token.includes("\uFFFD") ? null : [...Buffer.from(token)] };
}

/** As text completions word it. `offset`: characters of the answer before them. */
export function completionLogprobs(
  logprobs: readonly TokenLogprob[] | undefined,
  offset = 0,
): object | null {
  if (logprobs === undefined) return null;
  let at = offset;
  const offsets = logprobs.map(({ token }) => {
    const from = at;
    at += token.length;
    return from;
  });
  const others = logprobs.map(({ top }) =>
    Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
  );
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: others.every((each) => Object.keys(each).length === 0) ? null : others,
    text_offset: offsets,
  };
}
