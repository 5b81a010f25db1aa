import type { ToolFormat } from "./format.ts";

/** Granite 3 and Phi 4 mini: a mark, then one list of calls. */
export const granite: ToolFormat = {
  name: "granite",
  speaks: (template) => template.includes("<|tool_call|>"),
  opens: ["<|tool_call|>"],
  closes: ["<|/tool_call|>"],
  written: {
    open: "<|tool_call|>",
    list: { open: "[", between: ", ", close: "]" },
    call: (name) => [`{"name": ${JSON.stringify(name)}, "arguments": `, "}"],
    close: "",
    between: "",
  },
};
