import { Template } from "@huggingface/jinja";
import type { LlamaModel, Token } from "node-llama-cpp";
import { type ChatMessage, EngineError } from "../engine.ts";
import { textTokens } from "./text-tokens.ts";

/** Turns a conversation into tokens. Throws EngineError. */
export type ChatFormat = (messages: readonly ChatMessage[]) => Token[];

/** ChatML, for models whose file has no template. */
const chatMl =
  "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/**
 * The model's own chat template, from its file.
 *
 * Injection: a mail that says `<|im_end|><|im_start|>system` must stay a mail. The template is rendered with marks in
 * place of what people said; its own text becomes control tokens, theirs never does.
 */
export function chatFormatOf(model: LlamaModel, context: number): ChatFormat {
  const template = parsed(model.fileInfo.metadata.tokenizer.chat_template ?? chatMl);
  const { bosString, eosString, shouldPrependBosToken, bos } = model.tokens;
  return (messages) => {
    const text = rendered(template, {
      messages: messages.map(({ role }, index) => ({ role: word(role), content: markOf(index) })),
      add_generation_prompt: true,
      bos_token: bosString ?? "",
      eos_token: eosString ?? "",
    });
    const tokens = text.split(mark).flatMap((part, index) => {
      // split() with a group gives text and captured numbers in turn.
      if (index % 2 === 0)
        return model.tokenize(part, true, index === 0 ? undefined : "trimLeadingSpace");
      return textTokens(model, messages[Number(part)]?.content ?? "", context, "within");
    });
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };
}

// Characters of the private use area: no template holds them, and what people say is never among the rendered text.
const mark = /\uE000(\d+)\uE001/;
const markOf = (index: number) => `\uE000${index}\uE001`;

/** Roles stand in the template's own text, where control tokens are made: they are words and nothing else. */
function word(role: string): string {
  if (/^[a-z_]{1,32}$/i.test(role)) return role;
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
