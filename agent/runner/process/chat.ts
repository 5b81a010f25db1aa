import { Template } from "@huggingface/jinja";
import type { LlamaModel, Token } from "node-llama-cpp";
import { type ChatMessage, EngineError } from "../engine.ts";

/** Turns a conversation into tokens. */
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
export function chatFormatOf(model: LlamaModel): ChatFormat {
  const { tokenizer } = model.fileInfo.metadata;
  const template = new Template(tokenizer.chat_template ?? chatMl);
  const { bosString, eosString, shouldPrependBosToken, bos } = model.tokens;
  return (messages) => {
    const marked = messages.map(({ role }, index) => ({ role, content: markOf(index) }));
    const text = rendered(template, {
      messages: marked,
      add_generation_prompt: true,
      bos_token: bosString ?? "",
      eos_token: eosString ?? "",
    });
    const tokens = text.split(mark).flatMap((part, index) => {
      // split() with a group gives text and captured numbers in turn.
      if (index % 2 === 0)
        return model.tokenize(part, true, index === 0 ? undefined : "trimLeadingSpace");
      return model.tokenize(messages[Number(part)]?.content ?? "", false, "trimLeadingSpace");
    });
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };
}

// Characters of the private use area: no template holds them, and what people say is never among the rendered text.
const mark = /\uE000(\d+)\uE001/;
const markOf = (index: number) => `\uE000${index}\uE001`;

function rendered(template: Template, values: Record<string, unknown>): string {
  try {
    return template.render(values);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(
      "unsupported",
      `The model's chat template does not take this conversation: ${reason}`,
      { cause },
    );
  }
}
