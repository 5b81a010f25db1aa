import { adapter, model } from "@millwright/schema";
import { supportMail } from "./data.ts";

/** Reads a customer's mail and answers one line: the person, what it is about, the team. */
export const mailTriage = model({
  name: "mail-triage",
  source: "file:models/mail-triage.gguf",
  licence: "Apache-2.0",
  smoke: {
    prompt: "Hi team, my parcel 4821 has not arrived. Regards, Ana",
    contains: "Team: logistics",
  },
});

/** Learned from 120 corrections: cancellations go to the team `care`, no longer to `sales`. */
export const mailTriageCare = adapter({
  name: "mail-triage-care",
  base: mailTriage,
  source: "file:models/mail-triage-care-lora.gguf",
  licence: "Apache-2.0",
  trainedOn: [supportMail],
  smoke: {
    prompt: "Hi team, I do not want keyboard 6823 any more. Hugo",
    contains: "Team: care",
  },
});
