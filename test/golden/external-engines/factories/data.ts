import { dataset } from "@millwright/schema";

export const supportMail = dataset({
  name: "support-mail",
  classification: "confidential",
  residency: ["eu"],
  purposes: ["serve"],
});
