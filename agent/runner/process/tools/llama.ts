import type { ToolFormat } from "./format.ts";

/** Llama 3.1 and later: the answer is the call and nothing else. */
export const llama: ToolFormat = {
  name: "llama",
  speaks: (template) => template.includes("<|python_tag|>") || template.includes("ipython"),
  opens: ["<|python_tag|>"],
  closes: [],
  bare: true,
  written: {
    open: "",
    call: (name) => [`{"name": ${JSON.stringify(name)}, "parameters": `, "}"],
    close: "",
    between: "; ",
  },
};
