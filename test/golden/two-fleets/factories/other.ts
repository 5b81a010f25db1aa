import { fleet } from "@millwright/schema";

export const globex = fleet({ name: "globex", hubs: ["wss://hub.globex.example"] });
