import type { ToolFormat } from "./format.ts";

const mark = (words: string) => `<｜tool▁${words.replaceAll(" ", "▁")}｜>`;

/** DeepSeek V3.1 and later: each call between marks, all of them between another two. */
export const deepseek: ToolFormat = {
  name: "deepseek",
  speaks: (template) => template.includes(mark("call begin")) && !template.includes("```json"),
  opens: [mark("calls begin") + mark("call begin"), mark("call begin")],
  closes: [mark("call end"), mark("calls end")],
  separator: mark("sep"),
  written: {
    open: mark("calls begin") + mark("call begin"),
    list: {
      open: "",
      between: mark("call end") + mark("call begin"),
      close: mark("call end") + mark("calls end"),
    },
    call: (name) => [`${name}${mark("sep")}`, ""],
    close: "",
    between: "",
  },
};
