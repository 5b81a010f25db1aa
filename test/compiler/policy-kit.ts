/** Small repositories with policies, and what is said of them. */
import { check, type Definitions } from "../../compiler/check/check.ts";
import type { Diagnostic, Span } from "../../compiler/diagnostic/diagnostic.ts";
import { evaluated } from "../../compiler/evaluate/evaluate.ts";
import { compilePolicies, judgeDefinitions } from "../../compiler/policy/policy.ts";
import { type Files, fleet, host, mail } from "./check-kit.ts";

/** A fleet with two hosts, one model and one factory. */
export const base: Files = {
  ...fleet,
  ...mail,
  "one.yaml": host("one"),
  "two.yaml": host("two", "site: zrh\nregion: ch\nlabels: { rack: b }\n"),
  "data.yaml":
    "kind: dataset\nname: letters\nclassification: confidential\nresidency: [de]\npurposes: [serve]\nretention: 90d\n",
  "support.yaml":
    "kind: factory\nname: support\nowner: team-support\nreads: [letters]\ndeployments:\n  triage: { model: mail, replicas: 2, context: 1024 }\nroutes:\n  sort: { to: triage }\nfeedback: { sample: 0.25, redact: personal, keep: 30d }\n",
};

/** A policy in YAML; what is not said holds always. */
export function policy(
  on: string,
  require: string,
  { name = "rule", when, action }: { name?: string; when?: string; action?: string } = {},
): string {
  const fields = { kind: "policy", name, on, when, require, message: "Not so.", action };
  return Object.entries(fields)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${JSON.stringify(value)}\n`]))
    .join("");
}

export function definitionsIn(files: Files): Definitions {
  const entries = Object.entries(files).map(
    ([path, text]) => [`factories/${path}`, Buffer.from(text)] as const,
  );
  const { found, ...values } = evaluated({ repository: "test", files: new Map(entries) });
  const stage = check(values);
  const errors = [...found, ...(stage.ok ? [] : stage.problems)];
  if (!stage.ok || found.length > 0) throw new Error(JSON.stringify(errors, undefined, 2));
  return stage.value;
}

/** What policies say of definitions as they are. */
export function judged(files: Files): readonly Diagnostic[] {
  const definitions = definitionsIn(files);
  const { policies, problems } = compilePolicies(definitions);
  return [...problems, ...judgeDefinitions(policies, definitions)];
}

/** `code message | the text pointed at`. */
export function lines(found: readonly Diagnostic[], files: Files): readonly string[] {
  const text = ({ file, start, end }: Span) =>
    files[file.slice("factories/".length)]?.slice(start, end);
  return found.map(({ code, message, at }) => `${code} ${message} | ${at && text(at)}`);
}

/** Whether the expression holds for the deployment `triage` of the base; or what is said of the expression. */
export function holds(require: string, on = "deployment"): boolean | string {
  const found = judged({ ...base, "rule.yaml": policy(on, require) });
  const [first] = found;
  if (first === undefined) return true;
  return first.code === "policy/denied"
    ? false
    : `${first.code} ${first.message.replace("the policy rule", "").replace(/^: /, "").trim()}`;
}
