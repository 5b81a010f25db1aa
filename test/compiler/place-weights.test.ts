/** Hosts are liked in proportion to their memory, and a fleet hardly notices that one of them comes or goes. */
import { expect, test } from "vitest";
import { place } from "../../compiler/place/place.ts";
import { costOf, rankOf, wordsOf } from "../../compiler/place/rank.ts";
import { movement } from "../bench/place/movement.ts";
import { definitionsOf, factory, gpuHost, host, lockOf, valueIn } from "./definitions-kit.ts";

test("the cost of a rank is what the engine's own logarithm says, to the last few bits", () => {
  const replica = wordsOf("triage\n0");
  for (let index = 0; index < 2000; index += 1) {
    const rank = rankOf(...wordsOf(`host-${index}`), replica);
    const expected = -Math.log((rank + 1) / 2 ** 53) / 7;
    expect(Math.abs(costOf(rank, 7) / expected - 1)).toBeLessThan(1e-13);
  }
  expect(costOf(2 ** 53 - 1, 1)).toBe(-0);
  expect(costOf(0, 1)).toBeCloseTo(53 * Math.LN2, 10);
});

test("a host of twice the memory gets twice the replicas, on its cores and on its GPUs", () => {
  const share = (gpus: number) => {
    const hosts = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0
        ? gpuHost(`host-${index}`, 4, { memory: "128GiB" })
        : gpuHost(`host-${index}`, 8, { memory: "256GiB" }),
    );
    const deployments = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`d-${index}`, { replicas: 10, gpus }]),
    );
    const { placed } = valueIn(
      place(definitionsOf({ hosts, factories: [factory(deployments)] }), lockOf()),
    );
    const large = placed.filter(({ host: name }) => Number(name.slice(5)) % 2 === 1).length;
    return large / placed.length;
  };
  expect(share(0)).toBeGreaterThan(0.62);
  expect(share(0)).toBeLessThan(0.71);
  expect(share(1)).toBeGreaterThan(0.62);
  expect(share(1)).toBeLessThan(0.71);
});

test("hosts whose memory differs by a little are one weight", () => {
  const hosts = [host("a", { memory: "64GiB" }), host("b", { memory: "64.2GiB" })];
  const deployments = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`d-${index}`, {}]),
  );
  const { placed } = valueIn(
    place(definitionsOf({ hosts, factories: [factory(deployments)] }), lockOf()),
  );
  const onA = placed.filter((each) => each.host === "a").length;
  expect(Math.abs(onA - 100)).toBeLessThan(30);
});

test("a host more or less among a thousand of many sizes moves hardly more than has to move", () => {
  for (const { name, value } of movement(1, [0.2]))
    expect([name, value <= 1.02]).toEqual([name, true]);
});
