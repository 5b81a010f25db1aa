import { model } from "@millwright/schema";

const source = "file:models/mail-triage.gguf";
export const mailTriage = model({ name: "mail-triage", source, licence: "MIT OR (Apache-2 AND LicenseRef-acme)" });
export const coder = model({ name: "coder", source, licence: "GPLv3" });
export const planner = model({ name: "planner", source, licence: "MIT AND" });
export const writer = model({ name: "writer", source, licence: "our own" });
