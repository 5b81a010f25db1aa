import { dataset } from "@millwright/schema";

/** What customers write to us. It stays in the European Union: no deployment that reads it lands in Zurich. */
export const supportMail = dataset({
  name: "support-mail",
  classification: "confidential",
  residency: ["eu"],
  purposes: ["serve", "evaluate", "train"],
});

/** The shop's tables, for questions about sales. */
export const shopOrders = dataset({
  name: "shop-orders",
  classification: "internal",
  residency: ["eu", "ch"],
  purposes: ["serve", "evaluate"],
});
