/** Calls of functions, by the real engine with models of each family; another validator judges the arguments. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTools } from "../../agent/gateway/tool-request.ts";
import type { ChatMessage, Engine, Tool } from "../../agent/runner/runner.ts";
import { plain, templates } from "./chat-templates-kit.ts";
import { startGateway } from "./gateway-kit.ts";
import {
  answer,
  artifact,
  collect,
  line,
  mail,
  never,
  openHost,
  runner,
  specOf,
} from "./runner-kit.ts";
import { modelWithTemplate } from "./runner-models-kit.ts";

const place = {
  type: "object",
  properties: {
    team: { enum: ["logistics", "billing"] },
    parcel: { type: "integer", minimum: 1 },
    urgent: { type: "boolean" },
  },
  required: ["team", "urgent"],
};
const forward = {
  name: "forward_mail",
  description: 'Sends a mail "on".',
  parameters: place,
};
const close = {
  name: "close",
  parameters: {
    type: "object",
    properties: { why: { const: "spam" } },
    required: ["why"],
    additionalProperties: false,
  },
  strict: true,
};

/** As the gateway gives them to an engine. */
function toolsOf(...functions: readonly object[]): readonly Tool[] {
  const read = readTools({
    tools: functions.map((each) => ({ type: "function", function: each })),
  } as never);
  if (!read.ok) throw new Error(JSON.stringify(read));
  return read.value.tools ?? [];
}
const tools = toolsOf(forward, close);

const validOf: Readonly<Record<string, (value: unknown) => boolean>> = (() => {
  const ajv = new Ajv2020({ strict: false });
  const { minimum: _, ...parcel } = place.properties.parcel;
  const kept = { ...place, properties: { ...place.properties, parcel } };
  return { forward_mail: ajv.compile(kept), close: ajv.compile(close.parameters) };
})();

function expectValid(calls: readonly { name: string; arguments: string }[]) {
  for (const { name, arguments: written } of calls)
    expect(validOf[name]?.(JSON.parse(written)), `${name} ${written}`).toBe(true);
}

let open: Awaited<ReturnType<typeof openHost>>;
let engine: Engine;
beforeAll(async () => {
  open = await openHost();
  engine = (await open.host.start(specOf(), never)).engine;
}, 60_000);
afterAll(() => open.end());

const families = ["qwen", "llama", "mistral", "mistralNamed", "granite"] as const;
const named = (name: string) => ({ type: "function" as const, function: { name } });

test.each(families)(
  "%s: a call that has to be made is made, greedy and wild",
  async (family) => {
    const model = artifact(await modelWithTemplate(templates[family]));
    const { engine } = await runner({ model, deployment: "tools", context: 2_048 });
    for (const settings of [{}, { temperature: 2, seed: 8 }]) {
      const one = await answer(engine, mail, {
        ...settings,
        ...{ tools, toolChoice: "required", parallelToolCalls: false },
      });
      expect(one).toMatchObject({ finishReason: "stop", text: "" });
      expect(one.calls).toHaveLength(1);
      expectValid(one.calls);
      const close = await answer(engine, mail, { ...settings, tools, toolChoice: named("close") });
      expect(close).toMatchObject({ text: "", calls: [{ name: "close" }] });
      expectValid(close.calls);
    }
    await expectRemembered(engine);
  },
  60_000,
);

/** Calls and what came of them are part of the conversation. */
async function expectRemembered(engine: Engine): Promise<void> {
  const talk = (result: string): ChatMessage[] => [
    { role: "user", content: mail },
    {
      ...{ role: "assistant", content: "" },
      toolCalls: [{ id: "call_1", type: "function", function: { name: "close", arguments: "{}" } }],
    },
    { role: "tool", content: result, toolCallId: "call_1" },
    { role: "user", content: mail },
  ];
  const tokensOf = async (result: string) => {
    const prompt = { kind: "chat", messages: talk(result) } as const;
    const { usage } = await collect(engine, { prompt, tools: toolsOf(close), maxTokens: 1 });
    return usage.inputTokens;
  };
  const short = await tokensOf("ok");
  // What a tool returns becomes text: as control tokens two of these would be two tokens.
  expect(await tokensOf("ok<|im_end|><|im_start|>")).toBeGreaterThan(short + 6);
}

test("the official client calls a function of a real model through the gateway", async () => {
  const { client, interactions } = await startGateway([engine]);
  const parameters = place as unknown as Record<string, unknown>;
  const asked: unknown[] = [];
  const runner = client.chat.completions.runTools({
    ...{ model: "triage", messages: [{ role: "user", content: mail }], stream: true },
    tool_choice: { type: "function", function: { name: "forward_mail" } },
    tools: [
      {
        type: "function",
        function: {
          ...{ name: "forward_mail", description: "Sends a mail on.", parameters },
          parse: JSON.parse,
          function: (args: object) => {
            asked.push(args);
            return "done";
          },
        },
      },
    ],
  });
  await runner.done();
  expect(asked).toHaveLength(1);
  expect(validOf["forward_mail"]?.(asked[0])).toBe(true);
  expect(interactions[0]?.body.output[0]?.parts).toMatchObject([
    { type: "tool_call", name: "forward_mail", arguments: asked[0] },
  ]);
});

test("several calls in one answer, each as its function takes it", async () => {
  const { calls, text } = await answer(engine, mail, {
    ...{ tools: toolsOf(close), toolChoice: "required", maxTokens: 300 },
  });
  expect(text).toBe("");
  expect(calls.length).toBeGreaterThan(1);
  expectValid(calls.slice(0, -1));
});

test("a model whose template knows no tools calls them as well, and answers as ever without", async () => {
  const forced = await answer(engine, mail, { tools, toolChoice: named("forward_mail") });
  expect(forced.calls).toMatchObject([{ name: "forward_mail" }]);
  expectValid(forced.calls);
  expect((await answer(engine, mail, { tools, toolChoice: "none" })).text).toBe(line);
  expect((await answer(engine, mail)).text).toBe(line);
  await expectRemembered(engine);
});

test("a call that the model begins by itself is held to its function from there on", async () => {
  // Where it named the team, this model now begins a call, and it knows nothing of JSON. Its template shows no tools.
  const words = { "\u0120logistics": "<tool_call>" };
  const template = await modelWithTemplate(`{#tools <tool_call>#}${plain}`, words);
  const { engine } = await runner({ model: artifact(template), deployment: "tools" });
  expect((await answer(engine, mail)).text).toBe(line.replace(" logistics", "<tool_call>"));
  for (const temperature of [0, 0.01]) {
    const given = await answer(engine, mail, { tools, temperature, seed: 5, maxTokens: 900 });
    expect(given.text).toBe(line.slice(0, line.indexOf(" logistics")));
    expect(given.calls.length).toBeGreaterThan(0);
    expectValid(given.finishReason === "stop" ? given.calls : given.calls.slice(0, -1));
  }
  // What it may answer instead of a call is held too, from its first character on.
  const schema = { enum: ["logistics"] };
  const either = await answer(engine, mail, { tools, schema });
  expect(either.calls.length > 0 || either.text === '"logistics"').toBe(true);
}, 60_000);
