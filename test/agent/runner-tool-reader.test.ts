/** Calls told from text, however the text is cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ToolFormat,
  type ToolPiece,
  toolFormatOf,
  toolReader,
} from "../../agent/runner/process/tools/tools.ts";
import { isLong } from "../long.ts";

const known = new Set(["weather", "mail"]);

/** The format of each family, by what its templates say. */
const hermes = toolFormatOf("<tool_call>");
const llama = toolFormatOf("<|python_tag|>");
const mistral = toolFormatOf("[TOOL_CALLS]");
const mistralNamed = toolFormatOf("[TOOL_CALLS]{{ name }}[ARGS]");
const granite = toolFormatOf("<|tool_call|>");
const deepseek = toolFormatOf("<｜tool▁call▁begin｜>");
const formats = { hermes, llama, mistral, mistralNamed, granite, deepseek };

interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

function joined(pieces: readonly ToolPiece[]): Said {
  let text = "";
  const calls: { name: string; arguments: string }[] = [];
  for (const piece of pieces) {
    if (piece.kind === "text") text += piece.text;
    else if (piece.name !== undefined) {
      expect(piece.call).toBe(calls.length);
      calls.push({ name: piece.name, arguments: piece.arguments });
    } else {
      const last = calls.at(-1);
      expect(piece.call).toBe(calls.length - 1);
      if (last !== undefined) last.arguments += piece.arguments;
    }
  }
  return { text, calls };
}

function read(format: ToolFormat, parts: readonly string[]): Said {
  const reader = toolReader(format, known);
  return joined([...parts.flatMap((part) => reader.push(part)), ...reader.end()]);
}

const weather = (args: string) => ({ name: "weather", arguments: args });

test.each<[ToolFormat, string, string, Said["calls"]]>([
  [
    hermes,
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>',
    "",
    [weather('{"city": "Rome"}')],
  ],
  [
    hermes,
    'I look.\n\n<tool_call>{"arguments":{"a":[1,{"b":"}"}]},"name":"weather"}</tool_call>\n',
    "I look.",
    [weather('{"a":[1,{"b":"}"}]}')],
  ],
  [
    hermes,
    '<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "mail", "arguments": {"to": "a"}}\n</tool_call>\nDone.',
    "Done.",
    [weather("{}"), { name: "mail", arguments: '{"to": "a"}' }],
  ],
  [
    hermes,
    '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"R\\u006fme \\\\n\\"}"}',
    "",
    [weather('{"city": "Rome \\n"}')],
  ],
  [hermes, '<tool_call>{"name": "weather"}</tool_call>', "", [weather("{}")]],
  [hermes, '<tool_call>{"name": "weather", "arguments": null}</tool_call>', "", [weather("{}")]],
  [
    hermes,
    '<tool_call>{"type": "function", "function": {"name": "weather", "arguments": {"a": 1}}}',
    "",
    [weather('{"a": 1}')],
  ],
  [llama, '{"name": "weather", "parameters": {"city": "Rome"}}', "", [weather('{"city": "Rome"}')]],
  [
    llama,
    ' \n{"type": "function", "name": "weather", "parameters": {}}; {"name": "mail", "parameters": {}}',
    "",
    [weather("{}"), { name: "mail", arguments: "{}" }],
  ],
  [llama, '<|python_tag|>{"name": "weather", "parameters": {}}', "", [weather("{}")]],
  [
    mistral,
    '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Rome"}, "id": "abcdefghi"}, {"name": "mail", "arguments": {}}]',
    "",
    [weather('{"city": "Rome"}'), { name: "mail", arguments: "{}" }],
  ],
  [
    mistralNamed,
    '[TOOL_CALLS]weather[ARGS]{"city": "Rome"}[TOOL_CALLS]mail[CALL_ID]abc123[ARGS]{}',
    "",
    [weather('{"city": "Rome"}'), { name: "mail", arguments: "{}" }],
  ],
  [granite, 'Well. <|tool_call|>[{"name": "weather", "arguments": {}}]', "Well.", [weather("{}")]],
  [
    deepseek,
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁call▁begin｜>mail<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "",
    [weather("{}"), { name: "mail", arguments: "{}" }],
  ],
])("%# a call is read as it was written", (format, written, text, calls) => {
  expect(read(format, [written])).toEqual({ text, calls });
  expect(read(format, [...written])).toEqual({ text, calls });
});

test.each<[string, ToolFormat, string]>([
  ["a mark and no call", hermes, "See <tool_call> in the manual."],
  ["a call without a name", hermes, 'Hm\n <tool_call>{"arguments": {"a": 1}}'],
  ["a call that breaks off before its arguments", hermes, '<tool_call>\n{"name": "wea'],
  ["half a mark", hermes, "a <tool_"],
  ["blanks at the end", hermes, "a \n\n"],
  ["an answer in JSON", llama, '{"name": "Ana", "parameters": 3}'],
  ["an answer in JSON without a name", llama, ' {"city": "Rome"} '],
  ["Python", llama, '<|python_tag|>weather.call(city="Rome")'],
  ["an empty list", mistral, "[TOOL_CALLS][]"],
  ["no name at all", mistralNamed, "[TOOL_CALLS]what a day[ARGS]{}"],
])("%s is text, as it was written", (_, format, written) => {
  expect(read(format, [written])).toEqual({ text: written, calls: [] });
  expect(read(format, [...written])).toEqual({ text: written, calls: [] });
});

test.each([
  ["they break off", '<tool_call>{"name": "weather", "arguments": {"city": "Ro', '{"city": "Ro'],
  [
    "they are no JSON",
    '<tool_call>{"name": "weather", "arguments": {city: Rome}}</tool_call>',
    "{city: Rome}",
  ],
])("broken arguments are told as they are: %s", (_, written, args) => {
  expect(read(hermes, [written])).toEqual({ text: "", calls: [weather(args)] });
});

test("arguments go out while they are written", () => {
  const reader = toolReader(hermes, known);
  expect(reader.push('<tool_call>{"name": "weather", "arg')).toEqual([]);
  expect(reader.push('uments": {"city": "R')).toEqual([
    { kind: "tool-call", call: 0, name: "weather", arguments: '{"city": "R' },
  ]);
  expect(reader.push("ome")).toEqual([{ kind: "tool-call", call: 0, arguments: "ome" }]);
  expect(reader.whole).toBe(0);
  expect(reader.push('"}}\n')).toEqual([{ kind: "tool-call", call: 0, arguments: '"}' }]);
  expect(reader.whole).toBe(1);
});

test("what began after a mark is told until the call has a name", () => {
  const reader = toolReader(hermes, known);
  reader.push("So. ");
  expect(reader.begun).toBeUndefined();
  reader.push("<tool_call>");
  expect(reader.begun).toBe("");
  reader.push('\n{"na');
  expect(reader.begun).toBe('\n{"na');
  reader.push('me": "mail", "arguments": {');
  expect(reader.begun).toBeUndefined();
});

const pieces = [
  ...["<tool_call>", "</tool_call>", "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]", "<|tool_call|>"],
  ...["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"],
  ...[
    '{"name": "weather", "arguments": ',
    '{"name"',
    '"parameters": {',
    '{"city": "Ro\\"me"}',
    "weather",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ";",
    ":",
    "\\",
    "\\u00",
    " ",
    "\n",
    "null",
    "😀",
    "text",
    "<",
    "id",
  ],
];
const hostile = fc
  .array(fc.constantFrom(...pieces), { maxLength: 24 })
  .map((some) => some.join(""));

test.each(Object.entries(formats))("%s: however it is cut, the same comes out", (_, format) => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
      const at = [...cuts, 0, text.length].map((cut) => Math.min(cut, text.length));
      const sorted = at.toSorted((a, b) => a - b);
      const parts = sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
      const whole = read(format, [text]);
      expect(read(format, parts)).toEqual(whole);
      // Nothing is made up, and text without calls is the text.
      if (whole.calls.length === 0) expect(whole.text).toBe(text);
      for (const { name } of whole.calls) expect(name).not.toBe("");
    }),
    { numRuns: isLong ? 20_000 : 1_000 },
  );
});
