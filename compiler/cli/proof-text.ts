import { type Certificate, type FlowNode, showBytes } from "@millwright/schema";
import { shown } from "../diagnostic/diagnostic.ts";
import type { BudgetedInstance, HostBudget, Share } from "../place/place.ts";
import { labelText } from "./label-text.ts";
import { assumed, type Proof } from "./proof.ts";

/** The proof for people: the table of memory, every way of data once, what it rests on. */
export function textOfProof({ hosts, sovereignty }: Proof, root: string): string {
  const { certificate, faults } = sovereignty;
  const instances = hosts.reduce((all, host) => all + host.instances.length, 0);
  const lines = [
    `Fit: ${many(instances, "instance")} on ${many(hosts.length, "host")}, each within its memory.`,
    "",
    ...inColumns(hosts.flatMap(hostRows)),
    "",
    `Sovereignty: ${many(certificate.edges.length, "edge")} between ${many(certificate.nodes.length, "place")}, each within its rules.`,
    "",
    ...inColumns(wayRows(certificate)),
    "",
    `Rules   ${certificate.rules}`,
    `Graph   ${certificate.graph}`,
    `Root    ${root}`,
    faults.length === 0
      ? "Checker agrees: the certificate, and the plan of every host"
      : `Checker does NOT agree:\n  ${faults.join("\n  ")}`,
    "",
    "Assumed, not proved:",
    ...assumed.map((each) => `  - ${each}`),
  ];
  return `${lines.join("\n")}\n`;
}

function hostRows({ host, main, gpus, instances }: HostBudget): readonly (readonly string[])[] {
  return [
    [shown(host), "main memory", shareText(main)],
    ...gpus.map((gpu, index) => ["", `GPU ${index}, ${shown(gpu.model)}`, shareText(gpu)]),
    ...instances.map(instanceRow),
  ];
}

function instanceRow({ deployment, replica, gpus, fit }: BudgetedInstance): readonly string[] {
  const where = gpus.length === 0 ? "cores" : `GPU ${gpus.join(", ")}`;
  const parts = [
    `weights ${showBytes(fit.weights)}`,
    `keys and values ${showBytes(fit.cache)}`,
    `compute ${showBytes(fit.compute)}`,
    `process ${showBytes(fit.overhead)}`,
    `margin ${showBytes(fit.margin)}`,
  ];
  return [
    `  ${shown(deployment)} ${replica}`,
    where,
    `${showBytes(fit.total)} = ${parts.join(" + ")}`,
  ];
}

function shareText({ used, size }: Share): string {
  return `${showBytes(used)} of ${showBytes(size)}`;
}

/** Each way with the label of what goes it; ways that differ in their hosts alone are one. */
function wayRows({ nodes, edges, labels }: Certificate): readonly (readonly string[])[] {
  const ways = new Map<string, { readonly row: readonly string[]; count: number }>();
  for (const [from, to, redacts] of edges) {
    const [source, sink] = [nodes[from], nodes[to]];
    if (source === undefined || sink === undefined) continue;
    const label = labels[redacts === 1 ? source.redacted : source.label];
    const way = `${placeText(source)} → ${placeText(sink)}`;
    const said = `${redacts === 1 ? "redacted: " : ""}${label === undefined ? "" : labelText(label)}`;
    const known = ways.get(`${way} ${said}`) ?? { row: [way, said], count: 0 };
    known.count += 1;
    ways.set(`${way} ${said}`, known);
  }
  return [...ways.values()].map(({ row: [way = "", said = ""], count }) => [
    `  ${way}`,
    count === 1 ? "" : `× ${count}`,
    said,
  ]);
}

/** An instance without its host: `triage on fra-1` and `triage on fra-2` are `triage on hosts`. */
function placeText({ kind, name }: FlowNode): string {
  if (kind === "relay") return name.replace(/ through \S+$/, " through hosts");
  return kind === "instance" || kind === "feedback" ? name.replace(/ on \S+$/, " on hosts") : name;
}

function inColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
