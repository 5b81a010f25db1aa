import { resolve } from "node:path";
import { parseDigest } from "@millwright/schema";
import type { AuditReport, AuditWish } from "../audit/audit.ts";
import { Failure } from "../failure.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { parseCount } from "./log-count.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly at?: string;
  readonly hub: string;
  readonly receipts?: string;
  readonly viewerToken?: string;
  readonly root?: string;
  readonly n: number;
  readonly json?: true;
}

const notes = `
Each revision of the branch releases is verified, and each receipt held against the key and the plan that its own
revision has for the host; nothing that a hub says is believed. Exit 1 when something does not fit.

JSON: { hosts: [{ host, entries }], faults: [{ code, message, host? }], broken? }, newest first.
  entry  { revision, plan, commit, author?, subject?, signers, result, from?, until?, reason?, models }
         result  running, failed, unconfirmed (the host has said nothing); times in milliseconds since the Unix epoch

Example:
  $ millwright audit fra-1 --hub https://hub.acme.example --viewer-token viewer.token
  $ millwright audit --at 2026-11-23T12:00:00Z --receipts receipts.jsonl --json`;

export const auditCommand: AddCommand = (program, context) => {
  program
    .command("audit")
    .argument("[about]", "a host, or a commit of the definitions; everything when absent")
    .description("tell what ran where and when, who wrote it and who signed it, and prove it")
    .option("--at <time>", "only what ran at that instant, such as 2026-11-23T12:00:00Z")
    .option("--hub <url>", "the hub that has the receipts", "http://127.0.0.1:7420")
    .option(
      "--receipts <file>",
      "the receipts from a file instead, an envelope in JSON on each line",
    )
    .option("--viewer-token <file>", "a file with the token that the hub wants of viewers")
    .option(
      "--root <digest>",
      "the fingerprint of the root of trust; the branch's own is believed when absent",
    )
    .option("-n <count>", "revisions to look at, the newest first", parseCount, 1_000)
    .option("--repo <path>", "the repository", ".")
    .option("--json", "print JSON, as below")
    .addHelpText("after", notes)
    .action(async (about: string | undefined, options: Options) =>
      context.finish(await audit(about, options, context)),
    );
};

async function audit(
  about: string | undefined,
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const { agreedIn, joined } = await import("../audit/audit.ts");
  const { receiptsFrom } = await import("./audit-receipts.ts");
  const { textOfAudit } = await import("./audit-text.ts");
  const wish = wishOf(about, options.at);
  const pinned = options.root === undefined ? undefined : parseDigest(options.root);
  if (options.root !== undefined && pinned === undefined)
    throw new Failure(
      "cli/bad-digest",
      "--root wants sha256: and 64 hex digits, as millwright init printed them.",
    );
  const { revisions, broken } = await agreedIn(
    {
      ...{ repository: resolve(terminal.cwd, options.repo), most: options.n },
      ...(pinned !== undefined && { pinned }),
      progress: (count) => {
        if (count % 100 === 0 && terminal.interactive)
          terminal.err(`${count} revisions verified\n`);
      },
    },
    terminal.signal,
  );
  if (revisions.length === 0)
    throw new Failure(
      "cli/nothing-released",
      broken?.message ?? "Nothing was released yet. Run millwright release, then audit.",
    );
  const envelopes = await receiptsFrom(options, terminal);
  const report = joined(revisions, envelopes, wish);
  if (about !== undefined && report.hosts.length === 0 && wish.at === undefined) {
    terminal.err(
      `No host and no commit of the last ${revisions.length} revisions is ${about.slice(0, 100)}.\n`,
    );
    return 1;
  }
  const whole: AuditReport & { readonly broken?: typeof broken } = {
    ...report,
    ...(broken !== undefined && { broken }),
  };
  if (options.json) printJson(context, whole);
  else terminal.out(textOfAudit(whole, broken));
  return report.faults.length > 0 || broken !== undefined ? 1 : 0;
}

function wishOf(about: string | undefined, time: string | undefined): AuditWish {
  const at = time === undefined ? undefined : Date.parse(time);
  if (at !== undefined && Number.isNaN(at))
    throw new Failure(
      "cli/bad-time",
      `--at ${time?.slice(0, 40)}: write a time such as 2026-11-23T12:00:00Z.`,
    );
  return { ...(about !== undefined && { about }), ...(at !== undefined && { at }) };
}
