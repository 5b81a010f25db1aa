import Type, { type Static } from "typebox";
import type { Read } from "./api-error.ts";
import { isFields } from "./held-schema.ts";
import { nullable } from "./request-fields.ts";
import { FunctionName, MAX_TOOLS, readTools, type Tools } from "./tool-request.ts";

/** Tools as the Responses API has them: what chat completions put into `function` stands flat. */
export const responseToolFields = {
  /** Functions. What the server itself would run, such as `web_search`, is refused. */
  tools: nullable(
    Type.Array(
      Type.Object({
        type: Type.String({ maxLength: 100 }),
        name: nullable(FunctionName),
        description: nullable(Type.String()),
        parameters: nullable(Type.Record(Type.String(), Type.Unknown())),
        /** Absent: the arguments fit `parameters` as far as engines go. */
        strict: nullable(Type.Boolean()),
      }),
      { maxItems: MAX_TOOLS },
    ),
  ),
  tool_choice: Type.Optional(Type.Unknown()),
  parallel_tool_calls: nullable(Type.Boolean()),
} as const;

const Fields = Type.Object(responseToolFields);
type ResponseTools = Static<typeof Fields>;

export function readResponseTools(body: ResponseTools): Read<Tools> {
  const { tool_choice, parallel_tool_calls } = body;
  const tools = (body.tools ?? []).map(({ type, name, ...rest }) => ({
    type,
    ...(typeof name === "string" && { function: { name, ...rest } }),
  }));
  const read = readTools({
    tools,
    ...(tool_choice !== undefined && { tool_choice: deeper(tool_choice) }),
    ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
  });
  if (read.ok) return read;
  const { param, message } = read.error;
  return {
    ok: false,
    error: { ...read.error, param: param && flat(param), message: flat(message) },
  };
}

/** The choice in the words of chat completions. */
function deeper(choice: unknown): unknown {
  if (!isFields(choice)) return choice;
  const { type, name, mode, tools } = choice;
  if (type === "function") return { type, function: { name } };
  if (type !== "allowed_tools") return choice;
  const named = Array.isArray(tools)
    ? tools.map((tool: unknown) => (isFields(tool) ? { function: { name: tool["name"] } } : tool))
    : tools;
  return { type, allowed_tools: { mode, tools: named } };
}

/** Where a field stands here, in a text that says where it stands in chat completions. */
function flat(text: string): string {
  return text
    .replaceAll(/(tools\[\d+\])\.function is missing/g, "$1.name is missing")
    .replaceAll(/^(tools\[\d+\])\.function$/g, "$1.name")
    .replaceAll(/(tools\[\d+\]|tool_choice)\.(?:function|allowed_tools)\b/g, "$1");
}
