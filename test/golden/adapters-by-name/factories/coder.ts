import { model } from "@millwright/schema";

export const coder = model({ name: "coder", source: "file:models/coder.gguf" });
