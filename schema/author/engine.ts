import Type from "typebox";
import type * as documented from "./documented.ts";
import { bytes, duration, strict } from "./field.ts";

const word = Type.String({ minLength: 1, maxLength: 4096, description: "One argument." });

/** A program that holds the model in place of the embedded engine, and speaks OpenAI's HTTP API. */
export const ExternalEngine = strict(
  {
    kind: Type.Enum(["vllm", "sglang", "llama-server", "openai"], {
      description:
        "`vllm`, `sglang` and `llama-server` are started with their own flags; `openai` is any program that speaks the API, with the `command` that you write.",
    }),
    command: Type.Optional(
      Type.Array(word, {
        minItems: 1,
        maxItems: 128,
        description:
          "The program, by its path or by a name that the host's operator lists in /etc/millwright/engines. For `openai` all of its arguments, with `{port}` and other placeholders; for the others how it begins, when that is not `vllm serve`, `python3 -m sglang.launch_server` or `llama-server`. No shell reads it.",
        examples: [["/opt/vllm/bin/vllm", "serve"]],
      }),
    ),
    args: Type.Optional(
      Type.Array(word, {
        minItems: 1,
        maxItems: 128,
        description:
          "More arguments, after those that `vllm`, `sglang` or `llama-server` get from the deployment.",
        examples: [["--enable-auto-tool-choice", "--tool-call-parser", "hermes"]],
      }),
    ),
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[A-Z][A-Z0-9_]{0,99}$" }),
        Type.String({ maxLength: 4096, description: "Its value, with placeholders, too." }),
        {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 64,
          description: "Its environment, beside what the host gives every engine. No secrets.",
          examples: [{ VLLM_ATTENTION_BACKEND: "FLASHINFER" }],
        },
      ),
    ),
    probe: Type.Optional(
      strict(
        {
          path: Type.Optional(
            Type.String({
              pattern: "^/[^\\s?#]*$",
              maxLength: 200,
              description: "What answers 200 while it can answer; `/health` when absent.",
              examples: ["/health"],
            }),
          ),
          every: Type.Optional(
            duration(
              "How often it is asked; 10s when absent. Three times without an answer, and it is started anew.",
            ),
          ),
          within: Type.Optional(
            duration(
              "How long it may take to come up; when absent 10m, and a minute more for every 12 GB of the model.",
            ),
          ),
        },
        { description: "How to see that it is well." },
      ),
    ),
    memory: Type.Optional(
      bytes(
        "What one instance takes, of all its GPUs together or of main memory; when absent what the embedded engine would take.",
      ),
    ),
  },
  {
    description:
      "A program that holds the model in place of the embedded engine, and speaks OpenAI's HTTP API. Hosts start only what their operators list.",
    examples: [{ kind: "vllm", memory: "120GiB" }],
  },
);
export type ExternalEngine = documented.ExternalEngine;
