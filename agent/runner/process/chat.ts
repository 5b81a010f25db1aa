import { Template } from "@huggingface/jinja";
import type { LlamaModel, Token } from "node-llama-cpp";
import { type ChatMessage, EngineError, type Tool } from "../engine.ts";
import { Marks } from "./marks.ts";
import { textTokens } from "./text-tokens.ts";
import { inWords, knowsTools, toolsFor, withCalls } from "./tools/tools.ts";

/** Turns a conversation into tokens. Throws EngineError. */
export type ChatFormat = (messages: readonly ChatMessage[], tools: readonly Tool[]) => Token[];

/** ChatML, for models whose file has no template. */
const chatMl =
  "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** The chat template of a model's file. */
export function templateOf(model: LlamaModel): string {
  return model.fileInfo.metadata.tokenizer.chat_template ?? chatMl;
}

/** The model's own chat template. Its own text becomes control tokens; what others say never does. */
export function chatFormatOf(model: LlamaModel, context: number): ChatFormat {
  const { bosString, eosString, shouldPrependBosToken, bos } = model.tokens;
  const wordedIn = wordingOf(templateOf(model), bosString ?? "", eosString ?? "");
  return (messages, tools) => {
    const tokens = wordedIn(messages, tools).flatMap(({ text, own }, index) =>
      own
        ? model.tokenize(text, true, index === 0 ? undefined : "trimLeadingSpace")
        : textTokens(model, text, context, "within"),
    );
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };
}

/** A conversation in the words of a template, and in between what others said. Throws EngineError. */
export function wordingOf(
  source: string,
  bos: string,
  eos: string,
): (messages: readonly ChatMessage[], tools: readonly Tool[]) => ReturnType<Marks["split"]> {
  const template = parsed(source);
  const knows = knowsTools(source);
  return (messages, tools) => {
    for (const { role } of messages) checkWord(role);
    const marks = new Marks();
    const text = rendered(template, {
      messages: withCalls(knows ? messages : inWords(messages, tools), marks),
      ...(knows && tools.length > 0 && { tools: toolsFor(tools, marks) }),
      add_generation_prompt: true,
      bos_token: bos,
      eos_token: eos,
    });
    return marks.split(text);
  };
}

/** Roles stand in the template's own text, where control tokens are made: they are words and nothing else. */
function checkWord(role: string): void {
  if (/^[a-z_]{1,32}$/i.test(role)) return;
  throw new EngineError("unsupported", "A role is one word, such as system, user or assistant.");
}

/** A template that cannot be parsed is the model's fault, and bars it from chat alone. */
function parsed(template: string): Template | EngineError {
  try {
    return new Template(template);
  } catch (cause) {
    return refused("cannot be read", cause);
  }
}

function rendered(template: Template | EngineError, values: Record<string, unknown>): string {
  if (template instanceof EngineError) throw template;
  try {
    return template.render(values);
  } catch (cause) {
    throw refused("does not take this conversation", cause);
  }
}

function refused(what: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineError("unsupported", `The model's chat template ${what}: ${reason}`, { cause });
}
