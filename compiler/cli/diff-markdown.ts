import type { Comparison } from "../compare/compare.ts";
import { groupsOf, type HostGroup } from "./diff-groups.ts";
import {
  definitionLine,
  freezeLine,
  groupLines,
  labelLines,
  many,
  movedLines,
  shortDigest,
  shortRoot,
  summaryLine,
} from "./diff-lines.ts";
import type { FreezeHit } from "./freeze-hits.ts";
import { valueText } from "./log-difference-text.ts";

/** Bytes. GitHub takes comments of 65,536 characters; GitLab more. */
const LARGEST = 60_000;
/** What is said when there is no room for all. */
const REST = "\n_More than a comment holds: `millwright diff --json` has it all._\n";

/** A comparison as a comment on a pull request: the summary open, everything else folded. */
export function markdownOf(
  comparison: Comparison,
  freeze: readonly FreezeHit[],
  said: readonly string[],
): string {
  const { definitions, hosts, roots } = comparison;
  const isQuiet = definitions.length === 0 && hosts.length === 0;
  const head = [
    "### Millwright: what this change does",
    "",
    isQuiet
      ? `Nothing: ${many(comparison.untouched.length, "host")} untouched.`
      : `**${summaryLine(comparison)}.**`,
    "",
    ...said.map((line) => `- ${code(line)}`),
    ...freeze.map((hit) => `- Freeze window ${freezeLine(hit, code)}`),
  ].join("\n");
  const folds = [
    fold(`${many(definitions.length, "definition")} changed`, definitionItems(comparison)),
    ...groupsOf(comparison).map(hostFold),
    fold("Replicas that move", movedLines(comparison, code)),
    fold("Sovereignty labels that change", labelLines(comparison, code)),
  ].filter((part) => part !== "");
  const foot = `\nRoot ${code(shortRoot(roots.before))} → ${code(roots.after.slice(0, 12))}\n`;
  return within(`${head}\n`, folds, foot);
}

/** What stands against a change that does not compile. */
export function refusalOf(problems: readonly string[]): string {
  const items = problems.slice(0, 100).map((line) => `<li>${code(line)}</li>`);
  const title = "### Millwright: this change does not compile";
  return within(
    `${title}\n`,
    items.map((item) => `\n${item}`),
    "\n",
  );
}

/** As many parts as there is room for, whole: half a part would leave a fold open. */
function within(head: string, parts: readonly string[], foot: string): string {
  let text = head;
  for (const part of parts) {
    if (Buffer.byteLength(text + part + foot + REST) > LARGEST) return text + REST + foot;
    text += part;
  }
  return text + foot;
}

function definitionItems({ definitions }: Comparison): readonly string[] {
  return definitions.slice(0, 100).map((each) => {
    const values = each.differences.slice(0, 6).map(({ path, ...sides }) => {
      const text = (side: "before" | "after") =>
        side in sides ? code(valueText(sides[side])) : "absent";
      return `${code(path)}: ${text("before")} → ${text("after")}`;
    });
    return [definitionLine(each, code), ...values].join("<br>");
  });
}

/** Room for the plans of some hundred hosts; the largest groups are told first and in full. */
const MOST_HOSTS = 600;

function hostFold(group: HostGroup): string {
  const { hosts, like } = group;
  const title = hosts.length === 1 ? code(like.host) : many(hosts.length, "host");
  const plans = hosts
    .slice(0, MOST_HOSTS)
    .map(({ host, before, after }) => `${host} ${shortDigest(before)} ${shortDigest(after)}`);
  const extra = hosts.length - plans.length;
  const rest = extra > 0 ? [`and ${many(extra, "more host")}: millwright diff --json`] : [];
  const table = `<pre>host plan-before plan-after\n${[...plans, ...rest].map(plain).join("\n")}</pre>`;
  return fold(`${title} ${like.change}`, groupLines(group, code), table);
}

function fold(title: string, items: readonly string[], after = ""): string {
  if (items.length === 0 && after === "") return "";
  const list = items.map((item) => `<li>${item}</li>`).join("\n");
  return `\n<details><summary>${title}</summary>\n<ul>\n${list}\n</ul>\n${after}\n</details>\n`;
}

/**
 * Text of the repository inside a comment. Nothing of it may be markup, a mention or a link: every character that could
 * begin one is written by its number, which both Markdown and HTML show and neither obeys.
 */
function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

function plain(text: string): string {
  return text.slice(0, 300).replace(/[^A-Za-z0-9 -]/gu, (each) => {
    const point = each.codePointAt(0) ?? 0;
    const isControl = point < 32 || (point >= 127 && point < 160);
    return `&#${isControl || (point >= 0x202a && point <= 0x2069) ? 0xfffd : point};`;
  });
}
