import type { ToolFormat } from "./format.ts";

/** Mistral 7B v0.3, Nemo, Large and Small up to 2503: one list of calls. */
export const mistral: ToolFormat = {
  name: "mistral",
  speaks: (template) => template.includes("[TOOL_CALLS]"),
  opens: ["[TOOL_CALLS]"],
  closes: [],
  separator: "[ARGS]",
  written: {
    open: "[TOOL_CALLS]",
    list: { open: "[", between: ", ", close: "]" },
    call: (name) => [`{"name": ${JSON.stringify(name)}, "arguments": `, "}"],
    close: "",
    between: "",
  },
};

/** Mistral since tokenizer v11 (Devstral, Magistral, Small from 2506): a mark before each name, another one after it. */
export const mistralNamed: ToolFormat = {
  ...mistral,
  name: "mistral-named",
  speaks: (template) => template.includes("[TOOL_CALLS]") && template.includes("[ARGS]"),
  written: {
    open: "[TOOL_CALLS]",
    call: (name) => [`${name}[ARGS]`, ""],
    close: "",
    between: "",
  },
};
