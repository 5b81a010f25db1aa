import { showBytes } from "@millwright/schema";
import type { Comparison, HostChange } from "../compare/compare.ts";
import { groupsOf, type HostGroup } from "./diff-groups.ts";
import {
  definitionLine,
  fleetLines,
  freezeLine,
  groupLines,
  labelLines,
  many,
  movedLines,
  overfullLines,
  shortDigest,
  shortRoot,
  summaryLine,
} from "./diff-lines.ts";
import type { FreezeHit } from "./freeze-hits.ts";
import { valueText } from "./log-difference-text.ts";
import { bytesOf, fitting, fold } from "./markdown-fold.ts";
import { code, plain } from "./markdown-text.ts";

/** Bytes. GitHub takes comments of 65,536 characters; GitLab more. */
const LARGEST = 60_000;
/** Bytes of the parts, so that no part leaves none for the others. What is left is for the digests of plans. */
const room = {
  said: 10_000,
  definitions: 9000,
  groups: 18_000,
  fleet: 5000,
  moved: 3000,
  labels: 6000,
};
/** Groups of hosts that have a fold of their own, the largest first. */
const MOST_GROUPS = 20;
/** Hosts of a group that are named in its fold. */
const MOST_HOSTS = 20;

/** A comparison as a comment on a pull request: the summary open, everything else folded; never above 60,000 bytes. */
export function markdownOf(
  comparison: Comparison,
  freeze: readonly FreezeHit[],
  said: readonly string[],
): string {
  const { definitions, hosts, untouched, roots } = comparison;
  const isQuiet = definitions.length === 0 && hosts.length === 0;
  const head = [
    "### Millwright: what this change does\n\n",
    isQuiet
      ? `Nothing: ${many(untouched.length, "host")} untouched.\n`
      : `**${summaryLine(comparison)}.**\n\n${table(comparison)}`,
    ...items([
      ...freeze.map((hit) => `Freeze window ${freezeLine(hit, code)}`),
      ...overfullLines(comparison, code).map((line) => `Too little memory: ${line}`),
      ...said.map(code),
    ]),
  ].join("");
  const folds = [
    fold(
      `${many(definitions.length, "definition")} changed`,
      definitionItems(comparison),
      room.definitions,
    ),
    ...groupFolds(groupsOf(comparison)),
    fold("Replicas that move", movedLines(comparison, code), room.moved),
    fold("Sovereignty labels that change", labelLines(comparison, code, code), room.labels),
  ].join("");
  const foot = `\nRoot ${code(shortRoot(roots.before))} → ${code(shortRoot(roots.after))}\n`;
  const left = LARGEST - bytesOf(head + folds + foot);
  const plans = ["host plan-before plan-after", ...hosts.map(planLine)];
  return head + folds + (hosts.length === 0 ? "" : fold("Plans", plans, left, "lines")) + foot;
}

/** What stands against a change, or keeps it from being compared. */
export function refusalOf(title: string, problems: readonly string[]): string {
  return [`### Millwright: ${title}\n`, ...items(problems.map(code), LARGEST - 1000)].join("");
}

/** Only numbers: nothing of the repository can break out of a row. */
function table({ hosts, untouched, fetch, moved, labels, definitions }: Comparison): string {
  const actions = hosts.flatMap(({ instances }) => instances);
  const count = (change: string) => actions.filter((each) => each.change === change).length;
  const routes = new Set(hosts.flatMap((host) => host.routes.map(({ route }) => route))).size;
  const rows = [
    ["Definitions changed", definitions.length],
    ["Hosts touched", hosts.length],
    ["Hosts untouched, to the byte", untouched.length],
    ["Bytes to fetch", fetch === 0 ? 0 : showBytes(fetch)],
    ["Instances restarted beside the old ones", count("beside")],
    ["Instances drained, then restarted", count("drain")],
    ["Instances started", count("start")],
    ["Instances stopped", count("stop")],
    ["Replicas that move", moved.length],
    ["Routes that change", routes],
    ["Sovereignty labels that change", labels.length],
  ] as const;
  const shown = rows.filter(([, value]) => value !== 0);
  return `| | |\n|---|---|\n${shown.map(([what, value]) => `| ${what} | ${value} |\n`).join("")}`;
}

/** An open list, as long as there is room for it. */
function items(texts: readonly string[], most = room.said): readonly string[] {
  const lines = texts.map((text) => `- ${text}\n`);
  const taken = fitting(lines, most);
  const rest = lines.length - taken.length;
  if (lines.length === 0) return [];
  return ["\n", ...taken, ...(rest > 0 ? [`- and ${rest} more\n`] : [])];
}

function definitionItems({ definitions }: Comparison): readonly string[] {
  return definitions.map((each) => {
    const values = each.differences.slice(0, 6).map(({ path, ...sides }) => {
      const text = (side: "before" | "after") =>
        side in sides ? code(valueText(sides[side])) : "absent";
      return `${code(path)}: ${text("before")} → ${text("after")}`;
    });
    const rest = each.differences.length - values.length;
    return [
      definitionLine(each, code),
      ...values,
      ...(rest > 0 ? [`and ${many(rest, "more value")}`] : []),
    ].join("<br>");
  });
}

function groupFolds(groups: readonly HostGroup[]): readonly string[] {
  const folds = groups
    .slice(0, MOST_GROUPS)
    .map((group) => fold(titleOf(group), groupItems(group), room.groups / 3));
  const taken = fitting(folds, room.groups);
  const rest = groups.slice(taken.length);
  const count = rest.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const title = `${many(count, "more host")}, each unlike the others`;
  return [...taken, fold(title, fleetLines(rest, code), room.fleet)];
}

function titleOf({ hosts, like }: HostGroup): string {
  return `${hosts.length === 1 ? code(like.host) : many(hosts.length, "host")} ${like.change}`;
}

function groupItems(group: HostGroup): readonly string[] {
  const { hosts } = group;
  const names = hosts.slice(0, MOST_HOSTS).map(({ host }) => code(host));
  const rest = hosts.length - names.length;
  const named = `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return [...groupLines(group, code), ...(hosts.length === 1 ? [] : [`hosts ${named}`])];
}

function planLine({ host, before, after }: HostChange): string {
  return `${plain(host)} ${shortDigest(before)} ${shortDigest(after)}`;
}
