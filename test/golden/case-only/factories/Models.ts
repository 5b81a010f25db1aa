import { model } from "@millwright/schema";

export const spare = model({ name: "spare", source: "file:models/mail-triage.gguf" });
