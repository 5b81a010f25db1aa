import { describe, expect, test } from "vitest";
import { base, holds, judged, lines, policy } from "./policy-kit.ts";

/** What is said of an expression about the deployment, and the part that is pointed at. */
function told(require: string, on = "deployment"): string {
  const files = { ...base, "rule.yaml": policy(on, require) };
  const found = judged(files);
  return found
    .map((each) => {
      const [line = ""] = lines([each], files);
      return `${line.replace(/^policy\/(type|syntax) the policy rule: /, "")} | ${each.cure}`;
    })
    .join("\n");
}

describe("types come from the schemas", () => {
  test.each([
    ["self.replicas >= 2", "an int against an int"],
    ["self.replicas > 1.5", "an int against a double"],
    ["self.context % 2 == 0", "arithmetic"],
    ["self.name.matches('^[a-z]+$') && self.name.size() == 6 && size(self.name) == 6", "texts"],
    ["self.replicas > 1 ? self.context >= 1024 : true", "a choice"],
    ["[1, 2].map(n, n * 2).exists_one(n, n == 4)", "lists"],
    ["[1, 2, 3].filter(n, n > 1).size() == 2", "filters"],
    ["{'triage': 2}[self.name] == self.replicas", "maps"],
    ["[1, 2].map(n, n > 1, n * 10) == [20]", "map with a condition"],
    ["'triage' in definitions.deployments && !('x' in definitions.hosts)", "names of definitions"],
    [
      "duration('36h') > duration('1d') && timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
      "times",
    ],
  ])("%s holds: %s", (require) => {
    expect(holds(require)).toBe(true);
  });

  test("a duration and an amount of memory are values, however they were written", () => {
    expect(
      holds("self.retention <= duration('90d') && self.retention > duration('2159h')", "dataset"),
    ).toBe(true);
    expect(
      holds(
        "self.memory == 2 * 1024 * 1024 * 1024 && self.memory == gib(2) && gib(1.5) < self.memory",
        "host",
      ),
    ).toBe(true);
    expect(holds("self.feedback.sample < 0.3 && self.feedback.sample <= 1", "factory")).toBe(true);
  });

  test("a hub is an object, also when it was written as its address", () => {
    expect(
      holds("self.hubs.all(hub, hub.url.startsWith('wss://') && !has(hub.region))", "fleet"),
    ).toBe(true);
  });

  test("a field that no such definition has is told with the one that was probably meant", () => {
    expect(told("self.replica >= 2")).toBe(
      "deployment has no field replica | replica | did you mean replicas?",
    );
    expect(told("definitions.host.size() > 0")).toContain("did you mean hosts?");
    expect(told("definitions.hosts.all(h, definitions.hosts[h].sites == '')")).toContain(
      "host has no field sites | sites | did you mean site?",
    );
    expect(told("has(self.feedback) && self.feedback.keeps < duration('1d')", "factory")).toContain(
      "factory.feedback has no field keeps | keeps | did you mean keep?",
    );
  });

  test("a variable that there is not is told with what was meant", () => {
    expect(told("slef.replicas > 1")).toContain(
      "there is no variable slef | slef | did you mean self?",
    );
    expect(told("replicas > 1")).toContain("did you mean self.replicas?");
    expect(told("self.replicas > 1", "change")).toContain("judges no single thing");
    expect(told("touched.hosts.size() == 0")).toContain("on: change");
  });

  test("operands of the wrong type are told at the operator, with both types", () => {
    expect(told("self.replicas >= '2'")).toContain(">= does not take int and string | >= |");
    expect(told("self.name + 1 == 'x'")).toContain("+ does not take string and int | + |");
    expect(told("self.replicas * 1.5 > 2.0")).toContain("write 2.0, or double(x)");
    expect(told("self.name == 1")).toContain("string == int: they are never equal | == |");
    expect(told("self.name && true")).toContain("&& takes a bool, and this is string | name |");
    expect(told("!self.name")).toContain("! does not take string");
    expect(told("'x' in self.name")).toContain("in looks into lists and maps");
    expect(told("self.name[0] == 't'")).toContain("[…] is for lists and maps");
    expect(told("self.replicas == null")).toContain(
      "a field that was not written is not null: write has(…)",
    );
  });

  test("a text that a field never is, is told with the one that was probably meant", () => {
    expect(told("self.classification == 'confidental'", "dataset")).toBe(
      "classification is never confidental | 'confidental' | did you mean confidential?",
    );
    expect(told("self.classification in ['public', 'intern']", "dataset")).toContain(
      "classification is never intern | 'intern' | did you mean internal?",
    );
    expect(told("self.purposes.exists(p, p == 'training')", "dataset")).toContain("never training");
  });

  test("functions are told by name, by form and by the number of their arguments", () => {
    expect(told("self.name.startWith('t')")).toContain(
      "there is no function startWith | startWith | did you mean startsWith?",
    );
    expect(told("self.name.startsWith()")).toContain("startsWith() takes 1 argument, not 0");
    expect(told("startsWith(self.name, 't')")).toContain("write x.startsWith(…)");
    expect(told("has(self)")).toContain("write has(x.field)");
    expect(told("definitions.hosts.all(true)")).toContain("the first is a new name");
    expect(told("self.replicas.all(x, true)")).toContain(
      "all() goes through lists and maps, and this is int | replicas",
    );
  });

  test("what does not give a bool is no policy", () => {
    expect(told("self.replicas")).toContain(
      "require gives int, and must give a bool | self.replicas |",
    );
    const files = { ...base, "rule.yaml": policy("host", "true", { when: "self.name" }) };
    expect(lines(judged(files), files)[0]).toContain("when gives string, and must give a bool");
  });

  test("what follows from a slip is not told again, and two slips are two", () => {
    expect(told("self.replica + 1 > 2 && self.replica.x.y").split("\n")).toHaveLength(2);
    expect(told("self.nothing.all(x, x.y == x.z + 1)").split("\n")).toHaveLength(1);
  });

  test("the name of a macro hides the variable of the same name", () => {
    expect(holds("[1, 2].all(self, self > 0)")).toBe(true);
    expect(told("[1, 2].all(self, self.replicas > 0)")).toContain("int has no field replicas");
    expect(holds("[1].all(before, before == 1) && self.replicas == 9")).toBe(false);
  });
});

describe("syntax is told where it goes wrong", () => {
  test.each([
    ["self.replicas = 2", "= is no operator | = | write =="],
    ["self.replicas > 1 & true", "& is no operator | & | write &&"],
    ["self.replicas >", "nothing follows > | > |"],
    ["(self.replicas > 1", "( is not closed | ( |"],
    ["self.replicas > 1)", ") closes no bracket | ) |"],
    ["self.labels[0)", ") closes no bracket | ) | write ] first"],
    ["self.name == 'triage", "the text has no end | 'triage |"],
    ["self.name self.name", "CEL does not know what to do with self here | self |"],
    ["  ", "the expression is empty"],
    ["1u > 0u", "definitions hold no uint | 1u |"],
    ["b'a' == b'a'", "definitions hold no bytes | b'a' |"],
    ["9223372036854775808 > 1", "the number is beyond 64 bits | 9223372036854775808 |"],
    ["google.protobuf.Duration{} == null", "there is no type google.protobuf.Duration"],
  ])("%s", (require, expected) => {
    expect(told(require)).toContain(expected);
  });

  test("in TypeScript it points into the text as well", () => {
    const files = {
      ...base,
      "rule.ts":
        'import { policy } from "@millwright/schema";\nexport const rule = policy({ name: "rule", on: "host", require: "self.sight == \'\'", message: "No." });\n',
    };
    expect(lines(judged(files), files)).toEqual([
      "policy/type the policy rule: host has no field sight | sight",
    ]);
  });

  test("where a text is written over several lines, all of it is pointed at", () => {
    const files = {
      ...base,
      "rule.yaml":
        "kind: policy\nname: rule\non: host\nrequire: >-\n  self.site != ''\n  && self.sight != ''\nmessage: No.\n",
    };
    const [line = ""] = lines(judged(files), files);
    expect(line).toContain("host has no field sight | >-\n  self.site");
  });

  test("a policy that is wrong hides nothing that another denies", () => {
    const found = judged({
      ...base,
      "a.yaml": policy("host", "self.sight == ''", { name: "a" }),
      "b.yaml": policy("host", "self.site == 'zrh'", { name: "b" }),
    });
    expect(found.map(({ code }) => code)).toEqual(["policy/type", "policy/denied"]);
  });
});
