/** Places random fleets that are asked for more and more, until they are refused; prints a digest of all that was said. */
import { createHash } from "node:crypto";
import { stdout } from "node:process";
import { place } from "../../compiler/place/place.ts";
import { chance, definitionsOf, hostsOf, lock, type Wanted } from "../bench/place/fleet.ts";

const random = chance(1);
const hash = createHash("sha256");
const counts = { placed: 0, refused: 0 };
for (let fleet = 0; fleet < 6; fleet += 1) {
  const hosts = hostsOf(4, random);
  const wanted: Wanted[] = [];
  for (let amount = 2; amount <= 60; amount += 2) {
    while (wanted.length < amount) {
      const size = [4, 9, 16, 28, 40, 66, 90][Math.floor(random() * 7)] ?? 4;
      const name = `d-${wanted.length}`;
      wanted.push({ name, replicas: 2, model: `model-${size}`, gpus: size > 40 ? 2 : 1 });
    }
    const stage = place(definitionsOf(hosts, wanted), lock);
    counts[stage.ok ? "placed" : "refused"] += 1;
    const said = stage.ok
      ? stage.value.placed.map((one) => [one.wanted.name, one.replica, one.host, one.gpus])
      : stage.problems.map(({ code, message }) => [code, message]);
    hash.update(JSON.stringify(said));
    if (!stage.ok) break;
  }
}
stdout.write(JSON.stringify({ ...counts, digest: hash.digest("hex") }));
