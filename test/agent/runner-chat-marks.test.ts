/** What others say never becomes the template's own text, and comes out as it was said. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { wordingOf } from "../../agent/runner/process/chat.ts";
import { inWords } from "../../agent/runner/process/tools/tools.ts";
import type { ChatMessage, Tool } from "../../agent/runner/runner.ts";
import { templates } from "./chat-templates-kit.ts";

function rendered(template: string, messages: readonly ChatMessage[], tools: readonly Tool[]) {
  const parts = wordingOf(template, "", "")(messages, tools);
  return {
    text: parts.map(({ text }) => text).join(""),
    own: parts.filter(({ own }) => own).map(({ text }) => text),
  };
}

const toolOf = (description: string, parameters: Record<string, unknown>): Tool => ({
  type: "function",
  function: { name: "weather", description, parameters },
  held: {},
});
const talk = (said: string, args: string, result: string): ChatMessage[] => [
  { role: "user", content: said },
  {
    role: "assistant",
    content: "",
    toolCalls: [{ id: said, type: "function", function: { name: "weather", arguments: args } }],
  },
  { role: "tool", content: result, toolCallId: said },
];

test("a template gets calls and their answers as it knows them", () => {
  const tool = toolOf('Looks "out".', {
    type: "object",
    properties: { "a city": { type: "string" } },
  });
  const { text } = rendered(templates.qwen, talk("Rain?", '{"a city": "Ro\\"me"}', "no"), [tool]);
  expect(text).toBe(`<|im_start|>system
# Tools

<tools>
{"type": "function", "function": {"name": "weather", "description": "Looks \\"out\\".", "parameters": {"type": "object", "properties": {"a city": {"type": "string"}}}}}
</tools>
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
<|im_start|>user
Rain?<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "weather", "arguments": {"a city": "Ro\\"me"}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
no
</tool_response><|im_end|>
<|im_start|>assistant
`);
});

const family = fc.constantFrom(...Object.values(templates));
const hostile = fc.stringMatching(/^[<|a-z_>"\\{}\n\u{e000}\u{e001}0-9]{1,12}$/u);

test("whatever people, tools and descriptions say, none of it is the template's own", () => {
  fc.assert(
    fc.property(family, fc.array(hostile, { minLength: 6, maxLength: 6 }), (template, said) => {
      const secrets = said.map((text, index) => `§${index}${text}`);
      const [a = "", b = "", c = "", d = "", e = "", f = ""] = secrets;
      const tool = toolOf(a, {
        type: "object",
        properties: { [b]: { type: "string", enum: [c] } },
      });
      const args = JSON.stringify({ [d]: [e] });
      const { own, text } = rendered(template, talk(a, args, f), [tool]);
      expect(own.join("")).not.toMatch(/§/);
      for (const secret of [a, f]) {
        const quoted = JSON.stringify(secret).slice(1, -1);
        expect(text.includes(secret) || text.includes(quoted)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("for a template that knows no tools all is said in words", () => {
  const messages = inWords(
    [{ role: "system", content: "Be brief." }, ...talk("Rain?", '{"city": "Rome"}', "no")],
    [toolOf("Looks out.", {})],
  );
  expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
  expect(messages[0]?.content).toMatch(/^Be brief\.\n\n# Tools[\s\S]*"weather"/);
  expect(messages[2]?.content).toBe(
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>',
  );
  expect(messages[3]?.content).toBe("<tool_response>\nno\n</tool_response>");
});
