import { describe, expect, test } from "vitest";
import { base, holds, judged, lines, policy } from "./policy-kit.ts";

describe("a policy judges definitions", () => {
  test("what is as it wants is passed over", () => {
    expect(holds("self.replicas >= 2")).toBe(true);
  });

  test("what is not is denied where it stands, with the policy's words and the policy's place", () => {
    const files = { ...base, "rule.yaml": policy("deployment", "self.replicas >= 3") };
    const found = judged(files);
    expect(lines(found, files)).toEqual([
      "policy/denied the policy rule denies the deployment triage: Not so. | triage",
    ]);
    expect(found[0]?.severity).toBe("error");
    expect(found[0]?.cure).toBe("this must hold: self.replicas >= 3");
    expect(found[0]?.also?.map(({ at }) => at.file)).toEqual(["factories/rule.yaml"]);
  });

  test("with action: warn it only warns", () => {
    const files = {
      ...base,
      "rule.yaml": policy("host", "self.region == 'de'", { action: "warn" }),
    };
    expect(lines(judged(files), files)).toEqual([
      "policy/warned the policy rule warns of the host two: Not so. | two",
    ]);
    expect(judged(files)[0]?.severity).toBe("warning");
  });

  test("it is about nothing that `when` does not name", () => {
    const about = (when: string) =>
      judged({ ...base, "rule.yaml": policy("host", "false", { when }) }).length;
    expect(about("self.site == 'zrh'")).toBe(1);
    expect(about("self.site == 'par'")).toBe(0);
  });

  test.each(["fleet", "host", "model", "dataset", "factory", "deployment"])(
    "also each %s",
    (on) => {
      expect(holds("self.name == 'none'", on)).toBe(false);
      expect(holds("self.name != 'none'", on)).toBe(true);
    },
  );

  test("all definitions can be read beside the one that is judged", () => {
    expect(holds("self.model in definitions.models")).toBe(true);
    expect(holds("definitions.factories[self.factory].owner.startsWith('team-')")).toBe(true);
    expect(holds("definitions.hosts.exists(name, definitions.hosts[name].region == 'ch')")).toBe(
      true,
    );
    expect(holds("definitions.deployments.size() == 1 && definitions.fleet.name == 'mills'")).toBe(
      true,
    );
    expect(holds("definitions.policies['rule'].on == 'deployment'")).toBe(true);
  });

  test("policies that compare with what was before judge no state", () => {
    expect(holds("before == null")).toBe(true);
    expect(holds("after.replicas == 7")).toBe(true);
    expect(holds("touched.hosts.size() > 99", "change")).toBe(true);
  });

  test("a field that was not written cannot be read without asking, and the error says so", () => {
    const files = { ...base, "rule.yaml": policy("host", "self.labels.rack == 'b'") };
    const [first, ...others] = judged(files);
    expect(others).toEqual([]);
    expect(lines(first ? [first] : [], files)).toEqual([
      "policy/error the policy rule cannot judge the host one: labels is not there | labels",
    ]);
    expect(first?.cure).toContain("has(");
    expect(holds("!has(self.labels) || self.labels.rack == 'b'", "host")).toBe(true);
  });

  test("also a policy that only warns must be able to judge", () => {
    const found = judged({
      ...base,
      "rule.yaml": policy("host", "self.labels.rack == 'b'", { action: "warn" }),
    });
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ["policy/error", "error"],
    ]);
  });

  test("what fails for many is told once, with their number", () => {
    const found = judged({ ...base, "rule.yaml": policy("host", "self.gpus.size() > 0") });
    expect(found.map(({ message }) => message)).toEqual([
      "the policy rule cannot judge the host one: gpus is not there (and 1 more like it)",
    ]);
  });

  test("what one function makes is denied once, with its number", () => {
    const hosts = `import { host, range } from "@millwright/schema";
export const many = range(5).map((index) =>
  host({ name: \`r-\${index}\`, key: \`ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\${index}A\`, site: "x", region: "de", memory: "1GiB" }),
);
`;
    const found = judged({
      ...base,
      "many.ts": hosts,
      "rule.yaml": policy("host", "self.site != 'x'"),
    });
    expect(found.map(({ message }) => message)).toEqual([
      "the policy rule denies the host r-0: Not so. (and 4 more like it)",
    ]);
  });

  test("of hundreds that it denies, a hundred are told and the rest are counted", () => {
    const hosts = Array.from({ length: 120 }, (_, index) => [
      `h${index}.yaml`,
      `kind: host\nname: h${index}\nkey: ed25519:${String(index).padStart(42, "Aw")}A\nmemory: 2GiB\nsite: fra\nregion: de\n`,
    ]);
    const found = judged({
      ...base,
      ...Object.fromEntries(hosts),
      "rule.yaml": policy("host", "self.site == 'par'"),
    });
    expect(found).toHaveLength(101);
    expect(found.at(-1)?.message).toBe("the policy rule denies 22 more");
  });
});
