import { resolve } from "node:path";
import { parseDigest } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly root?: string;
  readonly json?: true;
}

export const verifyCommand: AddCommand = (program, context) => {
  program
    .command("verify")
    .argument("[revision]", "a commit of the branch releases", "refs/heads/releases")
    .description(
      "prove a revision: its signatures, and that its commit compiles to its plans, byte for byte",
    )
    .option("--repo <path>", "the repository", ".")
    .option(
      "--root <digest>",
      "the fingerprint of the root of trust; the branch's own is believed when absent",
    )
    .option(
      "--json",
      "print { verified, number, root, … } or { verified: false, reason, message, hosts }",
    )
    .addHelpText("after", "\nExample:\n  $ millwright verify --root sha256:…")
    .action(async (revision: string, options: Options) =>
      context.finish(await verify(revision, options, context)),
    );
};

async function verify(ref: string, options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { readCommit } = await import("../source/source.ts");
  const { compile } = await import("../compile.ts");
  const { reasons, verifyBranch, verifyRecompiled } = await import("../release/release.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const pinned = options.root === undefined ? undefined : parseDigest(options.root);
  if (options.root !== undefined && pinned === undefined) {
    throw new Failure(
      "cli/bad-digest",
      "--root wants sha256: and 64 hex digits, as millwright init printed them.",
    );
  }
  const { signal } = terminal;
  const branch = await verifyBranch(
    { repository, ref, now: terminal.now(), ...(pinned !== undefined && { pinned }) },
    signal,
  );
  const verdict = branch.ok
    ? await verifyRecompiled(
        repository,
        branch.value,
        async (commit) => compile(await readCommit(repository, commit, signal)),
        signal,
      )
    : branch;
  if (!verdict.ok) {
    const { reason, message, hosts } = verdict;
    if (options.json) printJson(context, { verified: false, reason, message, hosts });
    else
      terminal.err(
        `error[${reason}]: ${message}\n  = ${reasons[reason]}\n${hosts.length === 0 ? "" : `  hosts: ${hosts.join(", ")}\n`}`,
      );
    return 1;
  }
  const signers = branch.ok ? branch.value.signers : [];
  if (options.json) printJson(context, { verified: true, ...verdict.value, signers });
  else {
    const { number, commit, root, hosts } = verdict.value;
    terminal.out(
      `Revision ${number} is what commit ${commit.slice(0, 12)} says for ${hosts} hosts: root ${root}.\nSigned by ${signers.join(", ")}.\n`,
    );
  }
  return 0;
}
