import { model } from "@millwright/schema";

export const mailTriage = model({ name: "mail-triage", source: "file:models/mail-triage.gguf" });
