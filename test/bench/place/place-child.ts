/** Places a large fleet once, in a process as cold as a command's. Says milliseconds. */
import { argv, stdout } from "node:process";
import { place } from "../../../compiler/place/place.ts";
import { rankOf, wordsOf } from "../../../compiler/place/rank.ts";
import { chance, definitionsOf, hostsOf, lock, type Wanted } from "./fleet.ts";

const random = chance(Number(argv[2] ?? 1));
const hosts = hostsOf(10_000, random);
const wanted = Array.from({ length: 500 }, (_, index): Wanted => {
  const size = [4, 9, 16, 28, 40, 66, 90][Math.floor(random() * 7)] ?? 4;
  return {
    ...{ name: `d-${index}`, replicas: 4, model: `model-${size}`, gpus: size > 40 ? 2 : 1 },
    ...(random() < 0.3 && { where: { rack: "a" } }),
    ...(random() < 0.5 && { spread: "host" }),
  };
});
const definitions = definitionsOf(hosts, wanted);

const begun = performance.now();
const stage = place(definitions, lock);
const placed = performance.now() - begun;
if (!stage.ok) throw new Error(stage.problems[0]?.message);
if (stage.value.placed.length !== 2000) throw new Error("not all is placed");

const start = performance.now();
const words = hosts.map(({ name }) => wordsOf(name));
let highest = 0;
for (const { name, replicas } of wanted)
  for (let replica = 0; replica < replicas; replica += 1) {
    const own = wordsOf(`${name}\n${replica}`);
    for (const [first, second] of words) highest = Math.max(highest, rankOf(first, second, own));
  }
const floor = performance.now() - start;
if (highest === 0) throw new Error("nothing is ranked");
stdout.write(JSON.stringify({ floor, place: placed }));
