import type { ChatMessage, GenerateRequest } from "../../engine.ts";
import type { RunnerSpec } from "../../spec.ts";

/** Tokens that an engine may add to a text of its own accord: the beginning, a template's prefix. */
const ADDED = 8;
/** What engines take for "no limit said" in a completion; never less is left. */
const LEAST = 16;

/** A request in the words of OpenAI's API, and where it goes. `top_k` and `min_p` are words that all three engines know. */
export function questionOf(
  request: GenerateRequest,
  { deployment, context }: Pick<RunnerSpec, "deployment" | "context">,
): { readonly path: string; readonly body: Readonly<Record<string, unknown>> } {
  const { prompt, maxTokens, temperature, topP, topK, minP, seed, stop, schema } = request;
  const settings = {
    model: deployment,
    stream: true,
    stream_options: { include_usage: true },
    temperature: temperature ?? 0,
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(minP !== undefined && { min_p: minP }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
    ...(schema !== undefined && {
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", strict: true, schema },
      },
    }),
  };
  if (prompt.kind === "chat")
    return {
      path: "/v1/chat/completions",
      body: {
        ...settings,
        messages: prompt.messages.map(messageOf),
        ...toolsOf(request),
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      },
    };
  // Of a completion without a limit the API says 16 tokens. A text has at most as many tokens as bytes.
  const left = Math.max(LEAST, context - Buffer.byteLength(prompt.text) - ADDED);
  return {
    path: "/v1/completions",
    body: { ...settings, prompt: prompt.text, max_tokens: maxTokens ?? left },
  };
}

function messageOf({ role, content, toolCalls, toolCallId }: ChatMessage) {
  return {
    role,
    content,
    ...(toolCalls !== undefined && { tool_calls: toolCalls }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  };
}

/** Engines hold calls to the parameters by themselves, so `held` stays here. */
function toolsOf({ tools, toolChoice, parallelToolCalls }: GenerateRequest) {
  if (tools === undefined || tools.length === 0) return {};
  return {
    tools: tools.map((tool) => ({ type: tool.type, function: tool.function })),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}
