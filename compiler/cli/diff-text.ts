import { visible } from "@millwright/schema";
import type { Comparison } from "../compare/compare.ts";
import { shown } from "../diagnostic/diagnostic.ts";
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
import { linesOfDifferences } from "./log-difference-text.ts";

/** Definitions that are shown with their values; the others are counted. */
const MOST_DEFINITIONS = 40;
/** Groups of hosts that are told one by one, the largest first. */
const MOST_GROUPS = 12;
/** Hosts of one group that are named with their digests. */
const MOST_HOSTS = 8;

/** A comparison for a terminal. */
export function textOfComparison(comparison: Comparison, freeze: readonly FreezeHit[]): string {
  const { definitions, hosts, roots } = comparison;
  if (definitions.length === 0 && hosts.length === 0)
    return `Nothing changes: ${many(comparison.untouched.length, "host")} untouched, root ${roots.after.slice(0, 12)}.\n`;
  const groups = groupsOf(comparison);
  const sections = [
    [`${summaryLine(comparison)}.`],
    section(
      "Freeze windows",
      freeze.map((hit) => `  ${freezeLine(hit, shown)}`),
    ),
    section("Definitions", definitionLines(comparison)),
    section("Too little memory", overfullLines(comparison, shown).map(indented)),
    ...groups.slice(0, MOST_GROUPS).map(hostLines),
    restLines(groups.slice(MOST_GROUPS)),
    section("Moved", movedLines(comparison, shown).map(indented)),
    section("Sovereignty", labelLines(comparison, shown, visible).map(indented)),
    [`Root ${shortRoot(roots.before)} → ${roots.after.slice(0, 12)}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function definitionLines({ definitions }: Comparison): readonly string[] {
  const extra = definitions.length - MOST_DEFINITIONS;
  return [
    ...definitions
      .slice(0, MOST_DEFINITIONS)
      .flatMap((each) => [
        `  ${definitionLine(each, shown)}`,
        ...linesOfDifferences(each.differences).map((line) => `  ${line}`),
      ]),
    ...(extra > 0 ? [`  and ${many(extra, "more definition")}: --json has them all`] : []),
  ];
}

function hostLines(group: HostGroup): readonly string[] {
  const { hosts, like } = group;
  const first = hosts.slice(0, MOST_HOSTS);
  const extra = hosts.length - first.length;
  const title = hosts.length === 1 ? shown(like.host) : `${many(hosts.length, "host")}`;
  const plans = first.map(
    ({ host, before, after }) =>
      `  plan of ${shown(host)}: ${shortDigest(before)} → ${shortDigest(after)}`,
  );
  return [
    `${title}, ${like.change}`,
    ...groupLines(group, shown).map(indented),
    ...plans,
    ...(extra > 0 ? [`  and ${many(extra, "more host")}: --json has them all`] : []),
  ];
}

/** Hosts too different to be told one by one: what happens to whose deployments. */
function restLines(groups: readonly HostGroup[]): readonly string[] {
  const hosts = groups.flatMap((group) => group.hosts);
  const names = hosts.slice(0, MOST_HOSTS).map(({ host }) => shown(host));
  if (names.length === 0) return [];
  const more = hosts.length > names.length ? ", …" : "";
  return [
    `${many(hosts.length, "more host")}, each unlike the others: ${names.join(", ")}${more}`,
    ...fleetLines(groups, shown).map(indented),
    "  --json tells what happens to each",
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function indented(line: string): string {
  return `  ${line}`;
}
