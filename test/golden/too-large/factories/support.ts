import { range } from "@millwright/schema";

const double = (text: string, times: number): string => (times === 0 ? text : double(text + text, times - 1));
export const name = double("triage", 60);
export const all = range(1e9);
