/** What the definitions say of data, carried to every place that the data reaches. */
import {
  type Adapter,
  certificateFaults,
  type Dataset,
  flowFaults,
  type HostPlan,
} from "@millwright/schema";
import { expect, test } from "vitest";
import {
  dataset,
  definitionsOf,
  factory,
  host,
  lockOf,
  type Parts,
  plansOf,
  provedOf,
  small,
  smallFacts,
  valueIn,
} from "./definitions-kit.ts";

const care: Adapter = {
  kind: "adapter",
  name: "care",
  base: "small",
  source: "file:models/care.gguf",
  trainedOn: ["letters"],
};
const lock = lockOf({
  [small.source]: smallFacts,
  [care.source]: { kind: "adapter", architecture: "llama", tensorBytes: 300_000 },
});
const feedback = { sample: 0.5, redact: "personal", keep: "30d" } as const;
const mail = dataset("mail", ["de"], {
  classification: "confidential",
  purposes: ["serve", "evaluate"],
});
const hub = { url: "wss://hub.example.org", region: "de" };

/** Mail that is read on a host in Germany, with feedback to a hub. */
function mailAnd(changes: Parts, fields: Parameters<typeof factory>[1] = {}): Parts {
  return {
    fleet: { hubs: [hub] },
    hosts: [host("a")],
    datasets: [mail],
    factories: [factory({ triage: {} }, { reads: ["mail"], feedback, ...fields })],
    ...changes,
  };
}

/** The codes of what leaks, and the ways, as they are told. */
function leaksIn(parts: Parts): readonly string[] {
  const stage = provedOf(definitionsOf(parts), lock);
  return stage.ok ? [] : stage.problems.map(({ code, message }) => `${code}: ${message}`);
}

test("data that stays where it may is proved to, and the checker agrees", () => {
  expect(leaksIn(mailAnd({}))).toEqual([]);
  const proved = valueIn(provedOf(definitionsOf(mailAnd({})), lock));
  expect(certificateFaults(proved.certificate())).toEqual([]);
  expect(proved.certificate().nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "data mail",
    "deployment triage",
    "instance triage on a",
    "feedback feedback of support at wss://hub.example.org",
  ]);
});

test("no feedback on data with rules goes to a hub that does not say where it is", () => {
  expect(leaksIn(mailAnd({ fleet: { hubs: [hub.url] } }))).toEqual([
    "sovereignty/residency: mail, once redacted, may be only in de; nothing says where wss://hub.example.org stands, and it keeps feedback of support\nmail → triage → triage on a → feedback of support at wss://hub.example.org",
  ]);
});

test("a hub on the host itself is where the host is", () => {
  expect(leaksIn(mailAnd({ fleet: { hubs: ["ws://127.0.0.1:7420"] } }))).toEqual([]);
});

test("personal data taken out makes of data what its definition says, and nothing else", () => {
  const open: Dataset = {
    ...mail,
    redacted: { residency: ["de", "us"], classification: "internal" },
  };
  const abroad = { ...hub, region: "us", clearance: "internal" } as const;
  const parts = mailAnd({ fleet: { hubs: [abroad] }, datasets: [open] });
  expect(leaksIn(parts)).toEqual([]);
  const raw = mailAnd(
    { fleet: { hubs: [abroad] }, datasets: [open] },
    { feedback: { ...feedback, redact: "nothing" } },
  );
  expect(leaksIn(raw).map((leak) => leak.split(":")[0])).toEqual([
    "sovereignty/classification",
    "sovereignty/residency",
  ]);
});

test("an adapter carries the rules of what it learned from to whoever runs it", () => {
  const letters = dataset("letters", ["de"], { purposes: ["train", "serve"] });
  const parts = mailAnd({
    datasets: [letters],
    adapters: [care],
    factories: [factory({ triage: { adapter: "care" } }, { feedback })],
  });
  expect(leaksIn(parts)).toEqual([
    "sovereignty/purpose: letters, once redacted, may not be used to evaluate; support keeps samples of work with it\nletters → care → triage → triage on a → feedback of support at wss://hub.example.org",
  ]);
});

test("the way that is told is the shortest, and the others are counted", () => {
  const letters = dataset("letters", ["de"], { purposes: ["train", "serve"] });
  const hosts = [host("a"), host("b"), host("c")];
  const factories = [
    factory(
      { triage: { adapter: "care", replicas: 3, spread: "host" } },
      { reads: ["letters"], feedback },
    ),
  ];
  const leaks = leaksIn(mailAnd({ datasets: [letters], adapters: [care], hosts, factories }));
  expect(leaks).toHaveLength(1);
  expect(leaks[0]).toMatch(
    /letters → triage → triage on [abc] → feedback .*, and 2 more ways like it/,
  );
});

test("a withdrawn consent is told once, at the first thing that hangs on it", () => {
  const letters = dataset("letters", ["de"], {
    purposes: ["train", "serve", "evaluate"],
    consent: ["terms-1"],
  });
  const parts = mailAnd({
    fleet: { hubs: [hub], withdrawn: ["terms-1"] },
    datasets: [letters],
    adapters: [care],
    factories: [factory({ triage: { adapter: "care" } }, { feedback })],
  });
  expect(leaksIn(parts)).toEqual([
    "sovereignty/consent: letters was given under terms-1, which the fleet lists as withdrawn; care learned from it\nletters → care",
  ]);
});

test("a host's certificate shows what is on it, and is the same whatever is elsewhere", () => {
  const orders = dataset("orders", ["de"], { purposes: ["serve", "evaluate"] });
  const where = { triage: { where: { rack: "a" } }, sales: { where: { rack: "b" } } };
  const hosts = [host("a", { labels: { rack: "a" } }), host("b", { labels: { rack: "b" } })];
  const one = factory({ triage: where.triage }, { reads: ["mail"], feedback });
  const other = { ...factory({ sales: where.sales }, { reads: ["orders"] }), name: "sales" };
  const certificateOn = (parts: Parts) =>
    valueIn(provedOf(definitionsOf(parts), lock)).certificateOn("a");
  const alone = certificateOn(mailAnd({ hosts, factories: [one] }));
  const both = certificateOn(mailAnd({ hosts, factories: [one, other], datasets: [mail, orders] }));
  expect(both).toEqual(alone);
  expect(alone?.nodes.map(({ name }) => name)).toEqual([
    "mail",
    "triage",
    "triage on a",
    "feedback of support at wss://hub.example.org",
  ]);
});

/** What an agent would say of the plan of host a, once it has been changed. */
function faultsOf(change: (plan: HostPlan) => HostPlan): readonly string[] {
  const [rendered] = plansOf(definitionsOf(mailAnd({})), lock).plans.values();
  if (rendered === undefined) throw new Error("no plan");
  return flowFaults(change(rendered.plan));
}

const planned = { keepMs: 30 * 86_400_000, redact: "personal", sample: 0.5 } as const;
const inFactory = (
  plan: HostPlan,
  feedback: NonNullable<HostPlan["factories"][string]["feedback"]>,
) => {
  const { support } = plan.factories;
  if (support === undefined) throw new Error("no factory");
  return { ...plan, factories: { support: { ...support, feedback } } };
};

test("a plan does nothing that its certificate does not cover", () => {
  const store = "the feedback of support at wss://hub.example.org";
  expect(faultsOf((plan) => plan)).toEqual([]);
  expect(faultsOf(({ sovereignty: _, ...plan }) => plan)).toEqual([
    "the plan runs triage and proves nothing",
  ]);
  expect(faultsOf((plan) => ({ ...plan, region: "us" }))).toEqual([
    "the proof has triage in de, the plan in us",
  ]);
  expect(
    faultsOf((plan) => ({ ...plan, hubs: [...plan.hubs, "wss://other.example.org"] })),
  ).toEqual(["the proof leaves out the feedback of support at wss://other.example.org"]);
  expect(
    faultsOf((plan) => ({
      ...plan,
      deployments: { more: Object.values(plan.deployments)[0] as never },
    })),
  ).toEqual(["the proof leaves out more"]);
  expect(faultsOf((plan) => inFactory(plan, { ...planned, redact: "nothing" }))).toEqual([
    `the proof and the plan differ in what is redacted in ${store}`,
  ]);
  expect(faultsOf((plan) => inFactory(plan, { ...planned, keepMs: 31 * 86_400_000 }))).toEqual([
    `the proof has ${store} kept for less time than the plan`,
  ]);
});
