import type { ToolFormat } from "./format.ts";

/** Hermes 2 Pro and later, Qwen 2.5 and 3, and most that were taught by their data. Also for models that know no tools. */
export const hermes: ToolFormat = {
  name: "hermes",
  speaks: (template) => template.includes("<tool_call>"),
  opens: ["<tool_call>"],
  closes: ["</tool_call>"],
  written: {
    open: "<tool_call>\n",
    call: (name) => [`{"name": ${JSON.stringify(name)}, "arguments": `, "}"],
    close: "\n</tool_call>",
    between: "\n",
  },
};
