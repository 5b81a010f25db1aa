import { createHash } from "node:crypto";
import type { ChatMessage, Tool } from "../../engine.ts";
import type { Marks } from "../marks.ts";
import { hermes } from "./hermes.ts";

/** Whether a chat template knows what tools are. */
export function knowsTools(template: string): boolean {
  return /\btools\b/.test(template);
}

/** Messages as templates that know tools take them: arguments as values, and names beside the answers of tools. */
export function withCalls(messages: readonly ChatMessage[], marks: Marks): readonly object[] {
  const names = new Map<string, string>();
  return messages.map(({ role, content, toolCalls, toolCallId }) => {
    for (const { id, function: called } of toolCalls ?? []) names.set(id, called.name);
    const name = toolCallId === undefined ? undefined : names.get(toolCallId);
    return {
      role,
      content: marks.of(content),
      ...(toolCallId !== undefined && { tool_call_id: idOf(toolCallId) }),
      ...(name !== undefined && { name }),
      ...(toolCalls !== undefined && {
        tool_calls: toolCalls.map(({ id, function: { name, arguments: written } }) => ({
          id: idOf(id),
          type: "function",
          function: { name, arguments: marks.within(meantBy(written)) },
        })),
      }),
    };
  });
}

export function toolsFor(tools: readonly Tool[], marks: Marks): readonly object[] {
  return tools.map(({ type, function: { name, description = "", parameters } }) => ({
    type,
    function: {
      name,
      description: marks.of(description),
      parameters: marks.within(parameters ?? { type: "object", properties: {} }),
    },
  }));
}

/** For templates that know no tools: everything in words, as Hermes and Qwen were taught it. */
export function inWords(
  messages: readonly ChatMessage[],
  tools: readonly Tool[],
): readonly ChatMessage[] {
  const said: ChatMessage[] = [];
  for (const { role, content, toolCalls = [] } of messages) {
    const last = said.at(-1);
    if (role === "tool") {
      const response = `<tool_response>\n${content}\n</tool_response>`;
      // Answers of tools that stand together are one turn of the user: templates want turns to alternate.
      if (last?.role === "user" && last.content.endsWith("</tool_response>"))
        said[said.length - 1] = { ...last, content: `${last.content}\n${response}` };
      else said.push({ role: "user", content: response });
      continue;
    }
    const calls = toolCalls.map(({ function: { name, arguments: written } }) => {
      const [before, after] = hermes.written.call(name);
      return `${hermes.written.open}${before}${written}${after}${hermes.written.close}`;
    });
    said.push({ role, content: [...(content === "" ? [] : [content]), ...calls].join("\n") });
  }
  if (tools.length === 0) return said;
  const [first] = said;
  return first?.role === "system"
    ? [{ ...first, content: `${first.content}\n\n${preamble(tools)}` }, ...said.slice(1)]
    : [{ role: "system", content: preamble(tools) }, ...said];
}

function preamble(tools: readonly Tool[]): string {
  const lines = tools.map(({ type, function: called }) =>
    JSON.stringify({
      type,
      function: {
        name: called.name,
        description: called.description,
        parameters: called.parameters ?? { type: "object", properties: {} },
      },
    }),
  );
  return `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${lines.join("\n")}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
}

/** Nine letters and digits, which some templates insist on; the same for the same id. It also keeps ids from being more. */
function idOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
}

/** Broken arguments stay the text that they are. */
function meantBy(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    // The API lets them be broken.
    return written;
  }
}
