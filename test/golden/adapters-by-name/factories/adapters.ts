import { adapter } from "@millwright/schema";

export const care = adapter({ name: "care", base: "coder", source: "file:models/care.gguf" });
