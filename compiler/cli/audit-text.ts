import { visible } from "@millwright/schema";
import type { AuditReport, Entry } from "../audit/audit.ts";

/** An audit for people. Names, subjects and reasons are what others wrote. */
export function textOfAudit(
  { hosts, faults }: AuditReport,
  broken: { readonly code: string; readonly message: string } | undefined,
): string {
  const lines = hosts.flatMap(({ host, entries }) => [
    visible(host),
    ...entries.flatMap((entry) => linesOf(entry).map((line) => `  ${line}`)),
  ]);
  const wrong = [
    ...faults.map(({ code, message }) => `error[${code}]: ${visible(message)}`),
    ...(broken === undefined
      ? []
      : [`error[${broken.code}]: ${visible(broken.message)} What came before is not looked at.`]),
  ];
  const summary =
    wrong.length === 0
      ? "Every receipt fits."
      : `${wrong.length} ${wrong.length === 1 ? "thing does" : "things do"} not fit.`;
  return `${[...lines, ...wrong, summary].join("\n")}\n`;
}

function linesOf(entry: Entry): readonly string[] {
  const { revision, commit, author, subject, signers, result, from, until, reason, plan } = entry;
  const when =
    result === "unconfirmed"
      ? "the host has said nothing of it"
      : result === "failed"
        ? `failed ${timeOf(from)}: ${visible(reason ?? "it said no reason")}`
        : `ran from ${timeOf(from)} ${until === undefined ? "on" : `to ${timeOf(until)}`}`;
  const who = author === undefined ? "" : ` by ${visible(author)}: ${visible(subject ?? "")}`;
  return [
    `revision ${revision}, plan ${plan.slice(0, 19)}…: ${when}`,
    `  commit ${commit.slice(0, 12)}${who}`,
    `  signed by ${signers.join(", ")}`,
  ];
}

function timeOf(at: number | undefined): string {
  const time = at === undefined ? undefined : new Date(at);
  return time === undefined || Number.isNaN(time.getTime())
    ? "an unknown time"
    : time.toISOString();
}
