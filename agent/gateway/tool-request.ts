import Type, { type Static } from "typebox";
import type { Tool, ToolCall, ToolChoice } from "../runner/runner.ts";
import { invalid, type Read, unsupported } from "./api-error.ts";
import { isFields, MAX_NODES, readHeldSchema } from "./held-schema.ts";
import { anyObject, looseSchema } from "./loose-schema.ts";
import { nullable } from "./request-fields.ts";

export const MAX_TOOLS = 128;
/** As OpenAI has it: words, which can be part of no control token either. */
export const FunctionName = Type.String({ pattern: "^[a-zA-Z0-9_-]{1,64}$" });

export const toolFields = {
  tools: nullable(
    Type.Array(
      Type.Object({
        type: Type.String(),
        function: Type.Optional(
          Type.Object({
            name: FunctionName,
            description: nullable(Type.String()),
            parameters: nullable(Type.Record(Type.String(), Type.Unknown())),
            /** The arguments fit `parameters`, or the request is refused. Otherwise they fit as far as engines go. */
            strict: nullable(Type.Boolean()),
          }),
        ),
      }),
      { maxItems: MAX_TOOLS },
    ),
  ),
  tool_choice: Type.Optional(Type.Unknown()),
  parallel_tool_calls: nullable(Type.Boolean()),
} as const;

/** What an assistant had called, in the messages. */
export const InputToolCalls = nullable(
  Type.Array(
    Type.Object({
      id: Type.String({ minLength: 1, maxLength: 200 }),
      type: Type.String(),
      function: Type.Optional(Type.Object({ name: FunctionName, arguments: Type.String() })),
    }),
    { maxItems: MAX_TOOLS },
  ),
);

const Fields = Type.Object(toolFields);
type ToolFields = Static<typeof Fields>;

/** What a request says of tools, as engines take it. */
export interface Tools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

export function readTools(body: ToolFields): Read<Tools> {
  const tools: Tool[] = [];
  let parts = 0;
  for (const [index, tool] of (body.tools ?? []).entries()) {
    const read = readTool(tool, `tools[${index}]`);
    if (!read.ok) return read;
    if (tools.some(({ function: { name } }) => name === read.value.function.name))
      return no(`tools[${index}].function.name`, "is given to two tools");
    const size = partsOf(read.value.held);
    // Together they make one grammar, which keeps an engine no busier than that of one answer's format.
    if (parts + size <= MAX_NODES) {
      parts += size;
      tools.push(read.value);
    } else if (read.value.function.strict === true) {
      return no("tools", `have ${MAX_NODES} parts of schemas at most where they are strict`);
    } else {
      tools.push({ ...read.value, held: anyObject });
    }
  }
  const choice = readChoice(body.tool_choice, tools);
  if (!choice.ok) return choice;
  if (tools.length === 0) return { ok: true, value: {} };
  const { parallel_tool_calls: parallel } = body;
  return {
    ok: true,
    value: {
      ...choice.value,
      ...(typeof parallel === "boolean" && { parallelToolCalls: parallel }),
    },
  };
}

function readTool(
  { type, function: asked }: NonNullable<ToolFields["tools"]>[number],
  at: string,
): Read<Tool> {
  if (type !== "function") {
    const message = "This server knows tools of type function only.";
    return { ok: false, error: unsupported(`${at}.type`, message) };
  }
  if (asked === undefined) return no(`${at}.function`, "is missing");
  const { name, description, strict } = asked;
  const parameters = asked.parameters ?? undefined;
  const path = `${at}.function.parameters`;
  const held =
    strict === true
      ? readHeldSchema(parameters ?? { type: "object" }, path, path)
      : { ok: true as const, value: looseSchema(parameters) };
  if (!held.ok) return held;
  if (strict === true && held.value["type"] !== "object")
    return no(`${path}.type`, "is object for the parameters of a strict function");
  return {
    ok: true,
    value: {
      type,
      function: {
        name,
        ...(typeof description === "string" && { description }),
        ...(parameters !== undefined && { parameters }),
        ...(typeof strict === "boolean" && { strict }),
      },
      held: held.value,
    },
  };
}

function partsOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + partsOf(each), 0);
  if (!isFields(value)) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + partsOf(each), 1);
}

/** Of `allowed_tools` only those that are allowed are left. */
function readChoice(choice: unknown, tools: readonly Tool[]): Read<Tools> {
  if (choice === undefined || choice === null) return { ok: true, value: { tools } };
  if (choice === "none" || choice === "auto")
    return { ok: true, value: { tools, toolChoice: choice } };
  if (tools.length === 0) return no("tool_choice", "is allowed only with tools");
  if (choice === "required") return { ok: true, value: { tools, toolChoice: choice } };
  if (!isFields(choice)) return no("tool_choice", "is none, auto, required or a function");
  const { type, function: named, allowed_tools: allowed } = choice;
  if (type === "function") {
    const at = "tool_choice.function";
    const name = nameIn(named);
    if (name === undefined) return no(`${at}.name`, "is the name of a function");
    if (!tools.some((tool) => tool.function.name === name))
      return no(`${at}.name`, "is the name of one of the tools");
    return { ok: true, value: { tools, toolChoice: { type, function: { name } } } };
  }
  if (type !== "allowed_tools") return no("tool_choice.type", "is function or allowed_tools");
  const at = "tool_choice.allowed_tools";
  if (!isFields(allowed)) return no(at, "has a mode and tools");
  const { mode, tools: some } = allowed;
  if (mode !== "auto" && mode !== "required") return no(`${at}.mode`, "is auto or required");
  const names = Array.isArray(some)
    ? some.map((each: unknown) => (isFields(each) ? nameIn(each["function"]) : undefined))
    : [];
  const left = tools.filter((tool) => names.includes(tool.function.name));
  if (names.length === 0 || left.length < new Set(names).size)
    return no(`${at}.tools`, "has functions of the tools");
  return { ok: true, value: { tools: left, toolChoice: mode } };
}

export function readToolCalls(
  calls: Static<typeof InputToolCalls> | undefined,
  at: string,
): Read<readonly ToolCall[]> {
  const read: ToolCall[] = [];
  for (const [index, { id, type, function: called }] of (calls ?? []).entries()) {
    const path = `${at}.tool_calls[${index}]`;
    if (type !== "function") {
      const message = "This server knows calls of type function only.";
      return { ok: false, error: unsupported(`${path}.type`, message) };
    }
    if (called === undefined) return no(`${path}.function`, "is missing");
    read.push({ id, type, function: { name: called.name, arguments: called.arguments } });
  }
  return { ok: true, value: read };
}

function nameIn(value: unknown): string | undefined {
  return isFields(value) && typeof value["name"] === "string" ? value["name"] : undefined;
}

function no(param: string, is: string): Read<never> {
  return { ok: false, error: invalid(param, `${param} ${is}.`) };
}
