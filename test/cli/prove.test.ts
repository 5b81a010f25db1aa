/** `millwright prove`: what is shown before anything runs, to people and to machines. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Certificate, certificateFaults, readerOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { example, millwright } from "./cli-kit.ts";

test("the proof is said in words: memory of every host, every way of data, what it rests on", async () => {
  const { code, out } = await millwright(example(), "prove", "--worktree");
  expect(code).toBe(0);
  expect(out).toMatch(/^Fit: 3 instances on 3 hosts, each within its memory\.$/m);
  expect(out).toMatch(/^fra-1 +main memory +\d+ MiB of 2\.0 GiB$/m);
  expect(out).toMatch(/^ +triage 0 +cores +\d+ MiB = weights .* \+ margin /m);
  expect(out).toMatch(/^ +support-mail → triage +confidential; only in de, fr, nl; to serve/m);
  expect(out).toMatch(/^ +triage → triage on hosts +× 2 +confidential/m);
  expect(out).toMatch(/^Checker agrees: the certificate, and the plan of every host$/m);
  expect(out).toContain("Assumed, not proved:\n  - hosts and hubs stand in the regions");
});

test("the certificate in JSON can be checked by whoever reads it, and no other one", async () => {
  const folder = example();
  const { code, json } = await millwright(folder, "prove", "--worktree", "--json");
  expect(code).toBe(0);
  const { sovereignty, hosts } = json() as {
    sovereignty: { certificate: unknown; faults: unknown };
    hosts: unknown[];
  };
  expect(sovereignty.faults).toEqual([]);
  expect(hosts).toHaveLength(3);
  const read = readerOf(Certificate)(sovereignty.certificate);
  if (!read.ok) throw new Error("no certificate");
  expect(certificateFaults(read.value)).toEqual([]);
  const [first, ...others] = read.value.labels;
  if (first === undefined) throw new Error("no label");
  const laxer = { ...read.value, labels: [{ ...first, residency: ["us"] }, ...others] };
  expect(certificateFaults(laxer)).not.toEqual([]);
});

test("what leaks is not proved: the way, exit 1, and nothing else", async () => {
  const folder = example();
  const fleet = join(folder, "factories/fleet.ts");
  writeFileSync(
    fleet,
    readFileSync(fleet, "utf8").replace(
      'hubs: ["ws://127.0.0.1:7420"]',
      'hubs: [{ url: "wss://hub.example.org", region: "us" }]',
    ),
  );
  const { code, out, err } = await millwright(folder, "prove", "--worktree");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain(
    "error[sovereignty/residency]: support-mail, once redacted, may be only in de, fr, nl",
  );
  expect(err).toMatch(/support-mail → triage → triage on fra-[12] → feedback of support at/);
  const machine = await millwright(folder, "prove", "--worktree", "--json");
  expect(machine.code).toBe(1);
  expect(Object.keys(machine.json() as object)).toEqual(["diagnostics"]);
});

test("a plan over budget is not proved: the table, the deployment, and what would be enough", async () => {
  const folder = example();
  const support = join(folder, "factories/support.ts");
  writeFileSync(support, readFileSync(support, "utf8").replace("parallel: 4", "parallel: 256"));
  const hosts = join(folder, "factories/hosts/frankfurt.ts");
  writeFileSync(hosts, readFileSync(hosts, "utf8").replace('memory: "2GiB"', 'memory: "400MiB"'));
  const { code, err } = await millwright(folder, "prove", "--worktree");
  expect(code).toBe(1);
  expect(err).toMatch(/error\[fit\/does-not-fit\]: triage needs \d+ MiB of main memory/);
  expect(err).toMatch(/MiB +weights\n/);
  expect(err).toMatch(/= shrink triage by [\d.]+ MiB: .*parallel: \d+ would save/);
});
