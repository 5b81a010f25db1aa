/** The policies of the example organisation: all hold as it stands, and each forbids what it is there for. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Compiled, compile, newSession } from "../../compiler/compile.ts";
import { compilePolicies, judgeChange } from "../../compiler/policy/policy.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";

/** What to change in a file below factories/: a piece of text, and what to write instead. */
type Edits = Readonly<Record<string, readonly [from: string, to: string]>>;

let tree: SourceTree = { repository: "none", files: new Map() };

beforeAll(async () => {
  tree = await readFolder(join(import.meta.dirname, "../.."), new AbortController().signal);
});

/** The example with some of it written in another way. */
function edited(edits: Edits): SourceTree {
  const files = new Map(tree.files);
  for (const [name, [from, to]] of Object.entries(edits)) {
    const path = `factories/${name}`;
    const text = Buffer.from(files.get(path) ?? new Uint8Array()).toString("utf8");
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    files.set(path, Buffer.from(text.replace(from, () => to)));
  }
  return { ...tree, files };
}

/** `policy/denied <name of the policy>` and other codes, of the example with an edit. */
function said(edits: Edits): readonly string[] {
  const stage = compile(edited(edits));
  const found = stage.ok ? stage.warnings : stage.problems;
  return found.map(
    ({ code, message }) => `${code} ${/^the policy (\S+)/.exec(message)?.[1] ?? message}`,
  );
}

function compiledFrom(edits: Edits): Compiled {
  const stage = compile(edited(edits));
  if (!stage.ok) throw new Error(JSON.stringify(stage.problems));
  return stage.value;
}

function changed(before: Edits, after: Edits): readonly string[] {
  const [a, b] = [compiledFrom(before), compiledFrom(after)];
  const { policies } = compilePolicies(b.definitions);
  return judgeChange(policies, a.definitions, b.definitions, a.plans, b.plans).map(
    ({ code, message }) => `${code} ${/^the policy (\S+)/.exec(message)?.[1]}`,
  );
}

test("the example keeps to all of its policies, of which there are ten at least", () => {
  expect(said({})).toEqual([]);
  expect(changed({}, {})).toEqual([]);
  expect(compiledFrom({}).definitions.policies.size).toBeGreaterThanOrEqual(10);
});

test("a session says what one compilation says, also once a policy or what it judges was edited", () => {
  const session = newSession();
  const steps: readonly Edits[] = [
    {},
    { "support.ts": ["replicas: 2", "replicas: 1"] },
    { "policies/operations.ts": ["self.replicas >= 2", "self.replicas >= 3"] },
    { "policies/operations.ts": ["self.replicas >= 2", "self.replica >= 2"] },
    { "policies/operations.ts": ["listen.startsWith('127.0.0.1:')", "listen == ''"] },
    {},
  ];
  for (const edits of steps) {
    const [once, again] = [compile(edited(edits)), session.compile(edited(edits))];
    expect(again.ok).toBe(once.ok);
    expect(again.ok ? again.warnings : again.problems).toEqual(
      once.ok ? once.warnings : once.problems,
    );
  }
});

/** More hosts, with nothing to do. */
function more(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const name = `par-${from + index + 1}`;
    const key = Buffer.from(name.padEnd(32, "-")).toString("base64url").slice(0, 43);
    return `export const p${from + index} = host({ name: "${name}", key: "ed25519:${key}", site: "par", region: "fr", memory: "1GiB" });\n`;
  }).join("");
}

const atTheEnd = (text: string): readonly [string, string] => [
  'import { host } from "@millwright/schema";',
  `import { host } from "@millwright/schema";\n${text}`,
];

describe("as it is", () => {
  test.each<[string, Edits]>([
    ["owner-is-a-team", { "support.ts": ['"team-support"', '"ana"'] }],
    ["around-the-clock", { "support.ts": ["replicas: 2", "replicas: 1"] }],
    ["around-the-clock", { "support.ts": ['spread: "host",', ""] }],
    ["gateway-on-loopback", { "hosts/zurich.ts": ["127.0.0.1:7450", "0.0.0.0:7450"] }],
    ["quarter-end-is-frozen", { "hosts/zurich.ts": atTheEnd(more(7)) }],
    ["feedback-is-forgotten", { "reporting.yaml": ["keep: 30d", "keep: 91d"] }],
    ["production-has-a-clearance", { "hosts/frankfurt.ts": ['rack: "a"', 'stage: "production"'] }],
    ["cache-keeps-eight-bits", { "support.ts": ["parallel: 4,", 'parallel: 4, cache: "q4_0",'] }],
  ])("%s denies %j", (name, edits) => {
    expect(new Set(said(edits).filter((each) => each.startsWith("policy/")))).toEqual(
      new Set([`policy/denied ${name}`]),
    );
  });

  test("licence-lets-us-sell denies a licence that forbids it, though the fleet allows it", () => {
    expect(
      said({
        "models.ts": ['licence: "Apache-2.0"', 'licence: "CC-BY-NC-4.0"'],
        "fleet.ts": ['["Apache-2.0", "MIT"]', '["Apache-2.0", "MIT", "CC-BY-NC-4.0"]'],
      }),
    ).toContain("policy/denied licence-lets-us-sell");
  });

  test("confidential-is-redacted denies feedback that keeps personal data", () => {
    expect(said({ "support.ts": ['redact: "personal"', 'redact: "nothing"'] })).toContain(
      "policy/denied confidential-is-redacted",
    );
  });

  test("residents-stay-at-home denies a hub that stands elsewhere", () => {
    const hub = (fields: string): Edits => ({
      "fleet.ts": [
        'hubs: ["ws://127.0.0.1:7420"]',
        `hubs: [{ url: "wss://hub.example.org"${fields} }]`,
      ],
      "support.ts": ["feedback: { sample", "// feedback: { sample"],
      "reporting.yaml": ["feedback: { sample", "# feedback: { sample"],
    });
    expect(said(hub(', region: "us"'))).toContain("policy/denied residents-stay-at-home");
    expect(said(hub(""))).toContain("policy/denied residents-stay-at-home");
    expect(
      said({ ...hub(', region: "de"'), "data.ts": ['["eu", "ch"]', '["eu", "ch", "de"]'] }),
    ).toEqual([]);
  });
});

describe("the change", () => {
  test("few-hosts-at-once denies a change that gives most hosts a new plan", () => {
    const large: Edits = { "hosts/zurich.ts": atTheEnd(more(6)) };
    const everywhere: Edits = { ...large, "fleet.ts": ['every: "2s"', 'every: "3s"'] };
    expect(changed(large, everywhere)).toEqual(["policy/denied few-hosts-at-once"]);
    expect(changed(large, { ...large, "support.ts": ["parallel: 4", "parallel: 3"] })).toEqual([]);
    expect(changed({}, { "fleet.ts": ['every: "2s"', 'every: "3s"'] })).toEqual([]);
  });

  test("nothing-deleted-in-bulk denies the end of two hosts at once", () => {
    const three: Edits = { "hosts/zurich.ts": atTheEnd(more(3)) };
    expect(changed(three, { "hosts/zurich.ts": atTheEnd(more(1)) })).toEqual([
      "policy/denied nothing-deleted-in-bulk",
    ]);
    expect(changed(three, { "hosts/zurich.ts": atTheEnd(more(2)) })).toEqual([]);
  });

  test("new-weights-are-asked denies other weights without a smoke test, and leaves old ones alone", () => {
    const unasked: Edits = {
      "models.ts": [
        `  smoke: {
    prompt: "Hi team, my parcel 4821 has not arrived. Regards, Ana",
    contains: "Team: logistics",
  },`,
        "",
      ],
    };
    // The lock knows one other source: the model of the other factory.
    const other: Edits = {
      "models.ts": [
        `  source: "file:models/mail-triage.gguf",
  licence: "Apache-2.0",
  smoke: {
    prompt: "Hi team, my parcel 4821 has not arrived. Regards, Ana",
    contains: "Team: logistics",
  },`,
        '  source: "file:models/sql-writer.gguf", licence: "Apache-2.0",',
      ],
    };
    expect(changed({}, unasked)).toEqual([]);
    expect(changed({}, other)).toEqual(["policy/denied new-weights-are-asked"]);
  });
});
