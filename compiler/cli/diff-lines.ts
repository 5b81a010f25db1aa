import { type FlowLabel, showBytes } from "@millwright/schema";
import type {
  Comparison,
  DefinitionChange,
  HostChange,
  InstanceChange,
  LabelChange,
} from "../compare/compare.ts";
import { actionsOf, type HostGroup, overfull, tightest } from "./diff-groups.ts";
import type { FreezeHit } from "./freeze-hits.ts";
import { labelText } from "./label-text.ts";

/** How names and values of the repository are written: they are anybody's. */
export type Quote = (text: string) => string;

/** More routes, labels, or reasons than this are counted. */
const MOST = 30;

/** What the change comes to, in one line. */
export function summaryLine({ hosts, untouched, fetch }: Comparison): string {
  const actions = hosts.flatMap(({ instances }) => instances);
  const of = (change: InstanceChange["change"]) =>
    actions.filter((each) => each.change === change).length;
  const told = [
    [of("beside"), "restarted beside"],
    [of("drain"), "drained and restarted"],
    [of("start"), "started"],
    [of("stop"), "stopped"],
  ] as const;
  return [
    `${many(hosts.length, "host")} touched, ${untouched.length} untouched`,
    ...(fetch === 0 ? [] : [`${showBytes(fetch)} to fetch`]),
    ...told.flatMap(([number, what]) =>
      number === 0 ? [] : [`${many(number, "instance")} ${what}`],
    ),
  ].join("; ");
}

export function definitionLine({ kind, name, change }: DefinitionChange, quote: Quote): string {
  const sign = { added: "+", removed: "-", changed: "~" }[change];
  return `${sign} ${kind} ${quote(name)}`;
}

/** What happens on each host of a group. */
export function groupLines(group: HostGroup, quote: Quote): readonly string[] {
  const { like, hosts } = group;
  return [
    ...(like.hold === undefined
      ? []
      : [`ON HOLD, nothing of this happens yet: ${quote(like.hold)}`]),
    ...(like.refused.length === 0
      ? []
      : [
          `REFUSED by the host: ${like.refused.map(quote).join(", ")} is protected; if it is to go, name it under retired`,
        ]),
    ...like.fetch.map(({ name, size }) => `fetch ${quote(name)}, ${showBytes(size)}`),
    ...like.removable.map(({ name, size }) => `no more need of ${quote(name)}, ${showBytes(size)}`),
    ...actionLines(like.instances, quote),
    ...(like.kept > 0 ? [`keep ${many(like.kept, "instance")} running`] : []),
    ...tightest(group).map((memory) => {
      const { gpu, before, during, after, size, host } = memory;
      const where = gpu === undefined ? "memory" : `memory of GPU ${gpu}`;
      const meanwhile = during > Math.max(before, after) ? `, ${showBytes(during)} meanwhile` : "";
      const over = during > size ? ": MORE THAN THERE IS, choose upgrade drain" : "";
      const at = hosts.length === 1 ? "" : `, tightest on ${quote(host)}`;
      return `${where} ${showBytes(before)} → ${showBytes(after)} of ${showBytes(size)}${meanwhile}${over}${at}`;
    }),
    ...like.routes
      .slice(0, MOST)
      .map(
        ({ route, before, after, rules }) =>
          `route ${quote(route)}: ${[
            ...(String(before) === String(after)
              ? []
              : [`${chainText(before, quote)} → ${chainText(after, quote)}`]),
            ...(rules ? ["other rules"] : []),
          ].join(", ")}`,
      ),
    ...more(like.routes.length, "route"),
    ...otherLines(like, quote),
    ...(like.change === "changed" && like.instances.length === 0 ? ["nothing restarts"] : []),
  ];
}

function otherLines({ others }: HostChange, quote: Quote): readonly string[] {
  const paths = others.filter((path) => path !== CERTIFICATE);
  return [
    ...(paths.length === 0 ? [] : [`other changes: ${paths.slice(0, MOST).map(quote).join(", ")}`]),
    ...more(paths.length, "other change"),
    ...(paths.length === others.length ? [] : ["another certificate of where its data goes"]),
  ];
}

/** Among other changes, the certificate as a whole. */
const CERTIFICATE = "sovereignty";

const actions = {
  start: () => "start",
  stop: () => "stop",
  beside: (why: string) => `restart beside the old one (${why} changed)`,
  drain: (why: string) => `drain, then restart (${why} changed)`,
} as const satisfies Record<InstanceChange["change"], (why: string) => string>;

function actionLines(instances: readonly InstanceChange[], quote: Quote): readonly string[] {
  const same = Map.groupBy(instances, ({ deployment, change, why }) =>
    JSON.stringify([deployment, change, why]),
  );
  return [...same.values()].flatMap((each) =>
    each.slice(0, 1).map((first) => actionLine(first, each.length, quote)),
  );
}

function actionLine(
  { deployment, change, why }: InstanceChange,
  count: number,
  quote: Quote,
): string {
  const times = count === 1 ? "" : ` × ${count}`;
  return `${quote(deployment)}${times}: ${actions[change](why.join(", "))}`;
}

/** What happens to deployments, where the hosts are too different to be told one by one. */
export function fleetLines(groups: readonly HostGroup[], quote: Quote): readonly string[] {
  const all = actionsOf(groups);
  return [
    ...all.slice(0, MOST).map(({ instance, hosts }) => {
      const example = hosts.slice(0, 1).map(quote).join("");
      const where = hosts.length === 1 ? example : `${hosts.length} hosts, e.g. ${example}`;
      return `${actionLine(instance, 1, quote)} on ${where}`;
    }),
    ...more(all.length, "deployment"),
  ];
}

/** Where the memory does not hold what is to stand beside one another. */
export function overfullLines(comparison: Comparison, quote: Quote): readonly string[] {
  const all = overfull(comparison);
  const shown = all.slice(0, MOST_OVERFULL).map(({ host, gpu, during, size }) => {
    const where = gpu === undefined ? "memory" : `GPU ${gpu}`;
    return `${quote(host)}: ${where} would hold ${showBytes(during)} of ${showBytes(size)} for a while: choose upgrade drain`;
  });
  const extra = all.length - shown.length;
  return [...shown, ...(extra > 0 ? [`and ${extra} more: --json has them all`] : [])];
}

/** Places with too little memory that are named. */
const MOST_OVERFULL = 5;

function chainText(chain: readonly string[], quote: Quote): string {
  return chain.length === 0 ? "not served" : chain.map(quote).join(", then ");
}

export function movedLines({ moved }: Comparison, quote: Quote): readonly string[] {
  return [
    ...moved
      .slice(0, MOST)
      .map(({ deployment, from, to }) => `${quote(deployment)}: ${quote(from)} → ${quote(to)}`),
    ...more(moved.length, "replica"),
  ];
}

/** `text`: how a label is written, which is several words. */
export function labelLines({ labels }: Comparison, quote: Quote, text: Quote): readonly string[] {
  return [
    ...labels.slice(0, MOST).map((change) => labelLine(change, quote, text)),
    ...more(labels.length, "place"),
  ];
}

function labelLine({ place, before, after }: LabelChange, quote: Quote, text: Quote): string {
  const side = (label: FlowLabel | undefined) =>
    label === undefined ? "none" : text(labelText(label));
  return `${quote(place)}: ${side(before)} → ${side(after)}`;
}

export function freezeLine({ window, opens, closes }: FreezeHit, quote: Quote): string {
  return `${quote(window)}: from ${instant(opens)} to ${instant(closes)} hosts take no new plan`;
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function more(count: number, word: string): readonly string[] {
  return count > MOST ? [`and ${many(count - MOST, `more ${word}`)}: --json has them all`] : [];
}

export function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** A digest as people compare it. */
export function shortDigest(digest: string | undefined): string {
  return digest === undefined ? "none" : digest.slice(7, 19);
}

/** A root as people compare it. */
export function shortRoot(root: string | undefined): string {
  return root === undefined ? "none" : root.slice(0, 12);
}
