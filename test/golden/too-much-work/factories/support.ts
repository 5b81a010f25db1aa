import { range } from "@millwright/schema";

export const pairs = range(10_000).map((left) => [left, range(10_000)]);
