import type { HostName, HostPlan } from "@millwright/schema";
import { describe, expect, test } from "vitest";
import {
  compilePolicies,
  judgeChange,
  judgeDefinitions,
  judgePlans,
  type Plans,
  policyCompiler,
} from "../../compiler/policy/policy.ts";
import { type Files, host } from "./check-kit.ts";
import { base, definitionsIn, policy } from "./policy-kit.ts";
import { hostNamed, planFor } from "./release-kit.ts";

/** What a policy says of a change; none of it, when it lets it pass. */
function changed(on: string, require: string, before: Files, after: Files, plans?: [Plans, Plans]) {
  const [a, b] = [before, after].map((files) =>
    definitionsIn({ ...files, "rule.yaml": policy(on, require) }),
  );
  if (a === undefined || b === undefined) throw new Error("impossible: two were made");
  const { policies, problems } = compilePolicies(b);
  return [...problems, ...judgeChange(policies, a, b, ...(plans ?? []))].map(
    ({ code, message }) => `${code} ${message.replace(/^the policy rule:? /, "")}`,
  );
}

const three: Files = { ...base, "three.yaml": host("three") };
const moved: Files = { ...base, "one.yaml": host("one", "site: par\nregion: de\n") };
const reordered: Files = {
  ...base,
  "one.yaml": host("one", "region: de\nsite: fra\n").replace("2GiB", "2048MiB"),
};

describe("a policy on: change", () => {
  test("sees what there was and what there will be", () => {
    const require = "before.hosts.size() == 2 && after.hosts.size() == 3 && 'three' in after.hosts";
    expect(changed("change", require, base, three)).toEqual([]);
    expect(changed("change", require, three, base)).toEqual([
      "policy/denied denies the change: Not so.",
    ]);
  });

  test("is told by name what was added, changed and deleted", () => {
    const one = (names: string) => `touched.hosts == [${names}]`;
    expect(changed("change", one("'three'"), base, three)).toEqual([]);
    expect(changed("change", one("'three'"), three, base)).toEqual([]);
    expect(changed("change", one("'one'"), base, moved)).toEqual([]);
    expect(
      changed(
        "change",
        "touched.deployments == ['triage'] && touched.factories == ['support']",
        base,
        {
          ...base,
          "support.yaml": (base["support.yaml"] ?? "").replace("replicas: 2", "replicas: 3"),
        },
      ),
    ).toEqual([]);
  });

  test("what is written in another order or another unit is not touched", () => {
    expect(changed("change", "touched.hosts.size() == 0", base, reordered)).toEqual([]);
  });

  test("without plans, touched.plans is not there, and has() tells so", () => {
    expect(changed("change", "touched.plans.size() == 0", base, base)).toEqual([
      "policy/error cannot judge the change: plans is not there",
    ]);
    expect(changed("change", "!has(touched.plans)", base, base)).toEqual([]);
  });

  test("with plans it is the hosts that get another one", () => {
    const plans = (everyMs: number) => planned([planFor("one"), planFor("two", everyMs)]);
    const require = "touched.plans == ['two']";
    expect(changed("change", require, base, base, [plans(1000), plans(2000)])).toEqual([]);
    expect(
      changed("change", "touched.plans == []", base, base, [plans(1000), plans(1000)]),
    ).toEqual([]);
  });

  test("also a policy that comes, goes or changes is told", () => {
    const other = { "other.yaml": policy("host", "true", { name: "other" }) };
    expect(changed("change", "touched.policies == ['other']", { ...base, ...other }, base)).toEqual(
      [],
    );
  });
});

describe("a policy of one thing that compares", () => {
  test("judges each thing that there is after the change, with what it was before", () => {
    expect(changed("host", "before == null || before.site == after.site", base, moved)).toEqual([
      "policy/denied denies the host one: Not so.",
    ]);
    expect(changed("host", "before == null || before.site == self.site", base, three)).toEqual([]);
    expect(changed("host", "before != null", base, three)).toEqual([
      "policy/denied denies the host three: Not so.",
    ]);
  });

  test("of what is new, before is nothing: reading it is an error, and has() is false", () => {
    expect(changed("host", "before.site == self.site", base, three)).toEqual([
      "policy/error cannot judge the host three: there is nothing that could have site",
    ]);
    expect(changed("host", "!has(before.labels) || has(self.labels)", base, three)).toEqual([]);
  });

  test("the fleet is one and the same, also under another name", () => {
    const renamed = { ...base, "fleet.yaml": (base["fleet.yaml"] ?? "").replace("mills", "mill") };
    expect(changed("fleet", "before.name == self.name", base, renamed)).toEqual([
      "policy/denied denies the fleet mill: Not so.",
    ]);
  });

  test("plans are compared as well", () => {
    const [slow, fast] = [planned([planFor("one", 2000)]), planned([planFor("one", 1000)])];
    const require = "before == null || before.telemetry.everyMs <= self.telemetry.everyMs";
    expect(changed("plan", require, base, base, [slow, fast])).toEqual([
      "policy/denied denies the plan of one: Not so.",
    ]);
    expect(changed("plan", require, base, base, [fast, slow])).toEqual([]);
    expect(changed("plan", require, base, base)).toEqual([]);
  });
});

describe("a policy on: plan", () => {
  test("judges what each host is told, and is told where the host is defined", () => {
    const definitions = definitionsIn({
      ...base,
      "rule.yaml": policy(
        "plan",
        "self.telemetry.everyMs >= 2000 && self.host in definitions.hosts",
      ),
    });
    const { policies } = compilePolicies(definitions);
    const plans = planned([planFor("one", 1000), planFor("two", 2000)]);
    const found = judgePlans(policies, definitions, plans);
    expect(found.map(({ message, at }) => [message, at?.file])).toEqual([
      ["the policy rule denies the plan of one: Not so.", "factories/one.yaml"],
    ]);
    expect(judgeDefinitions(policies, definitions)).toEqual([]);
  });
});

describe("policies cost little", () => {
  test("one that comes again is not compiled again", () => {
    const definitions = definitionsIn({ ...base, "rule.yaml": policy("host", "true") });
    const compile = policyCompiler();
    expect(compile(definitions).policies.all[0]).toBe(compile(definitions).policies.all[0]);
  });

  test("ten of them over a thousand hosts take a moment", () => {
    const hosts = Array.from({ length: 1000 }, (_, index): [string, string] => [
      `h${index}.yaml`,
      host(`h-${index}`, `site: s${index % 7}\nregion: de\nlabels: { rack: r${index % 9} }\n`),
    ]);
    const rules = Array.from({ length: 10 }, (_, index): [string, string] => [
      `p${index}.yaml`,
      policy(
        "host",
        `has(self.labels) && self.labels.rack.startsWith('r') && self.memory >= gib(1) && self.site != 'x${index}' && definitions.hosts.size() > 10`,
        { name: `p${index}` },
      ),
    ]);
    const definitions = definitionsIn({ ...base, ...Object.fromEntries([...hosts, ...rules]) });
    const started = performance.now();
    const { policies } = compilePolicies(definitions);
    const found = judgeDefinitions(policies, definitions);
    // Some 30 ms on a quiet machine; the bound is for a busy one.
    expect(performance.now() - started).toBeLessThan(1000);
    // The two hosts of the base: one has no labels, the other another rack.
    expect(found).toHaveLength(20);
  });
});

function planned(plans: readonly HostPlan[]): Plans {
  return new Map(
    plans.map((plan): [HostName, { plan: HostPlan }] => [hostNamed(plan.host), { plan }]),
  );
}
