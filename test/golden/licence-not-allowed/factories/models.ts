import { model } from "@millwright/schema";

const source = "file:models/mail-triage.gguf";
export const mailTriage = model({ name: "mail-triage", source });
export const coder = model({ name: "coder", source, licence: "MIT AND (AGPL-3.0-only OR LicenseRef-coder)" });
export const planner = model({ name: "planner", source, licence: "AGPL-3.0-only OR GPL-2.0-or-later" });
export const writer = model({ name: "writer", source, licence: "GPL-2.0-only" });
