import { dataset } from "@millwright/schema";

export const mail = dataset({ name: "mail", classification: "internal" residency: ["de"] });
