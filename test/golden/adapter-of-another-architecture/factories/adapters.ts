import { adapter } from "@millwright/schema";

export const care = adapter({ name: "care", base: "mail-triage", source: "file:models/care.gguf" });
