/** Hosts that answer for each other: who, for what, and only where the data may come. */
import {
  flowFaults,
  type Host,
  HostPlan,
  type Neighbour,
  parseHostName,
  readerOf,
} from "@millwright/schema";
import { expect, test } from "vitest";
import { renderer } from "../../compiler/render/render.ts";
import {
  dataset,
  definitionsOf,
  factory,
  gpuHost,
  lockOf,
  type Parts,
  plansOf,
  provedOf,
  small,
  smallFacts,
  valueIn,
} from "./definitions-kit.ts";

const lock = lockOf({ [small.source]: smallFacts });
const read = readerOf(HostPlan);
const reached = (name: string, more: Partial<Host> = {}) =>
  gpuHost(name, 1, { gateway: { listen: "127.0.0.1:7430", address: `${name}:7432` }, ...more });

/** `mail` on the hosts with the label `mail`, `code` on those with `code`. */
const twoKinds = factory({
  mail: { where: { does: "mail" }, replicas: 2, spread: "host" },
  code: { where: { does: "code" } },
});
const mails = { labels: { does: "mail" } };
const codes = { labels: { does: "code" } };

function planIn(name: string, parts: Parts): HostPlan {
  const host = parseHostName(name);
  const plan = host && plansOf(definitionsOf(parts), lock).plans.get(host)?.plan;
  if (plan === undefined) throw new Error(`no plan for ${name}`);
  expect(read(plan).ok).toBe(true);
  expect(flowFaults(plan)).toEqual([]);
  return plan;
}

const neighbour = (plan: HostPlan, name: string): Neighbour | undefined =>
  plan.neighbours?.find(({ host }) => host === name);

test("a host passes on what it does not run, and who answers knows who may ask", () => {
  const parts = {
    hosts: [reached("a", mails), reached("b", mails), reached("c", codes)],
    factories: [{ ...twoKinds, routes: { write: { to: "code", fallback: ["mail"] } } }],
  };
  const [a, c] = [planIn("a", parts), planIn("c", parts)];
  expect(a.gateway).toEqual({ listen: "127.0.0.1:7430", address: "a:7432" });
  expect(a.elsewhere).toEqual({
    code: { factory: "support", hosts: ["c"] },
    mail: { factory: "support", hosts: ["b"] },
  });
  expect(a.routes).toEqual({ write: { factory: "support", to: ["code", "mail"] } });
  expect(neighbour(a, "c")).toEqual({
    ...{ host: "c", key: c.key, address: "c:7432", answers: ["code"], asks: ["mail"] },
  });
  expect(neighbour(c, "a")).toMatchObject({ answers: ["mail"], asks: ["code"] });
  expect(c.elsewhere?.["mail"]?.hosts.toSorted()).toEqual(["a", "b"]);
});

test("a host that runs nothing passes on what it is told to; who says no address is left out", () => {
  const door = { listen: "0.0.0.0:7430", address: "door:7432", factories: ["support"] };
  const parts = {
    hosts: [
      reached("a", mails),
      gpuHost("b", 1, mails),
      reached("c", codes),
      reached("door", { gateway: door }),
    ],
    factories: [twoKinds],
  };
  const plan = planIn("door", parts);
  expect(Object.keys(plan.elsewhere ?? {}).sort()).toEqual(["code", "mail"]);
  expect(plan.elsewhere?.["mail"]?.hosts).toEqual(["a"]);
  expect(plan.factories["support"]?.owner).toBe("team-support");
  const silent = planIn("b", parts);
  expect([silent.neighbours, silent.elsewhere]).toEqual([undefined, undefined]);
});

test("data that may not come to a host is not passed on by it, and the proof covers what is", () => {
  const parts = (region: string) => ({
    hosts: [reached("a", mails), reached("b", mails), reached("c", { ...codes, region })],
    datasets: [dataset("letters", ["de"])],
    factories: [
      factory(
        { mail: { where: { does: "mail" }, replicas: 2, spread: "host" } },
        { reads: ["letters"] },
      ),
      factory({ code: { where: { does: "code" } } }, { name: "coders" }),
    ].map((each, index) => ({ ...each, ...(index === 1 && { name: "coders" }) })),
  });
  const door = (region: string) => {
    const { hosts, ...rest } = parts(region);
    const gateway = { listen: "127.0.0.1:7430", address: "c:7432", factories: ["support"] };
    return {
      ...rest,
      hosts: hosts.map((host) => (host.name === "c" ? { ...host, gateway } : host)),
    };
  };
  expect(planIn("c", door("us")).elsewhere).toBeUndefined();
  const plan = planIn("c", door("de"));
  expect(Object.keys(plan.elsewhere ?? {})).toEqual(["mail"]);
  expect(plan.sovereignty?.nodes.map(({ kind, name }) => `${kind} ${name}`)).toContain(
    "relay mail through c",
  );
  const { sovereignty: _, ...unproved } = plan;
  expect(flowFaults(unproved)).not.toEqual([]);
  const moved = { ...plan, region: "us" };
  expect(flowFaults(moved).join()).toContain("mail");
});

test("of many hosts a few answer, those of the same site first, and a host that goes changes few plans", () => {
  const hosts = [
    reached("asks", codes),
    ...Array.from({ length: 20 }, (_, index) =>
      reached(`m-${String(index).padStart(2, "0")}`, {
        ...mails,
        site: index < 5 ? "fra" : "ams",
        region: index < 10 ? "de" : "nl",
      }),
    ),
  ];
  const parts = (left: readonly Host[], replicas: number) => ({
    hosts: [...left],
    factories: [
      factory({
        mail: { where: { does: "mail" }, replicas, spread: "host" },
        code: { where: { does: "code" } },
      }),
    ],
  });
  const all = planIn("asks", parts(hosts, 20)).elsewhere?.["mail"]?.hosts ?? [];
  expect(all).toHaveLength(3);
  for (const host of all) expect(Number(host.slice(2))).toBeLessThan(5);
  const without = hosts.filter(({ name }) => name !== all[0]);
  const rest = planIn("asks", parts(without, 19)).elsewhere?.["mail"]?.hosts ?? [];
  expect(rest.slice(0, 2)).toEqual(all.slice(1));
});

test("a renderer that remembers gives a host another plan when its neighbour moves", () => {
  const parts = (address: string) =>
    definitionsOf({
      hosts: [
        reached("a", mails),
        reached("b", mails),
        reached("c", { ...codes, gateway: { listen: "127.0.0.1:7430", address } }),
      ],
      factories: [twoKinds],
    });
  const again = renderer();
  const before = parts("c:7432");
  const after = parts("c:9999");
  again(before, valueIn(provedOf(before, lock)));
  const remembered = valueIn(again(after, valueIn(provedOf(after, lock))));
  const fresh = plansOf(after, lock);
  for (const [host, { digest }] of fresh.plans)
    expect(remembered.plans.get(host)?.digest).toBe(digest);
});

test("what is kept of tasks that are passed on is in the proof, as of those that are answered here", () => {
  const feedback = { sample: 0.1, redact: "personal" as const, keep: "90d" };
  const parts = {
    fleet: { hubs: [{ url: "wss://hub.example.org", region: "de" }] },
    hosts: [reached("a", mails), reached("b", mails), reached("c", codes)],
    factories: [{ ...twoKinds, feedback }],
  };
  const plan = planIn("c", parts);
  const names = plan.sovereignty?.nodes.map(({ name }) => name) ?? [];
  const [relay, store] = ["mail through c", "feedback of support at wss://hub.example.org"].map(
    (name) => names.indexOf(name),
  );
  expect(plan.sovereignty?.edges).toContainEqual([relay, store, 1]);
  const longer = structuredClone(plan);
  const kept = longer.factories["support"]?.feedback;
  if (kept === undefined) throw new Error("the factory keeps nothing");
  kept.keepMs *= 2;
  expect(flowFaults(longer).join()).toContain("kept for less time");
});
