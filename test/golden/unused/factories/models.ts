import { adapter, model } from "@millwright/schema";
import { orders } from "./data.ts";

export const mailTriage = model({ name: "mail-triage", source: "file:models/mail-triage.gguf" });
export const coder = model({ name: "coder", source: "file:models/mail-triage.gguf" });

// Over a model that runs, and yet not from the data of a factory that runs it.
export const polite = adapter({ name: "polite", base: mailTriage, source: "file:models/polite.gguf", trainedOn: [orders] });
