import { factory } from "@millwright/schema";
import { mailTriage } from "./models.ts";

const names: string[] = ["quick"];

function register(name: string): string {
  names.push(name);
  return name;
}

function counting() {
  let calls = 0;
  return () => (calls += 1);
}

function doubled(list: number[]): number[] {
  for (const item of list) list.push(item * 2);
  return list;
}

const next = counting();

export const support = factory({
  name: "support",
  owner: register("support"),
  deployments: {
    quick: { model: mailTriage, context: doubled([512]).length, replicas: next() },
  },
});
