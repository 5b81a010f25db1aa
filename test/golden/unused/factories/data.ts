import { dataset } from "@millwright/schema";

const common = { classification: "internal", residency: ["de"], purposes: ["serve", "train"] } as const;
export const mail = dataset({ ...common, name: "mail" });

// Used by polite, so that it is unused only because polite is.
export const orders = dataset({ ...common, name: "orders" });
