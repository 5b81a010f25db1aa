import { resolve } from "node:path";
import type { HostName } from "@millwright/schema";
import type { Released, Unchanged } from "../release/release.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";
import { pushOption } from "./push-released.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly at: string;
  readonly keys?: string;
  readonly sign: boolean;
  readonly replace?: true;
  readonly push?: string | true;
  readonly json?: true;
}

export const releaseCommand: AddCommand = (program, context) => {
  program
    .command("release")
    .description("compile a commit and put its plans, signed, on the branch releases")
    .option("--repo <path>", "the repository", ".")
    .option("--at <revision>", "the commit", "HEAD")
    .option(...keysOption)
    .option("--no-sign", "leave the release pending, for others to sign")
    .option("--replace", "give up another release that waits for signatures")
    .option(...pushOption)
    .option("--json", "print { kind, number, root, commit, hosts, signers, missing }")
    .addHelpText("after", "\nExample:\n  $ millwright release --push origin")
    .action(async (options: Options) => context.finish(await release(options, context)));
};

async function release(options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { readCommit } = await import("../source/source.ts");
  const { newSession } = await import("../compile.ts");
  const { judgedSinceRelease } = await import("./change-policies.ts");
  const releasing = await import("../release/release.ts");
  const { signerSource } = await import("./keys-option.ts");
  const { showDiagnostics } = await import("./diagnostics-text.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const tree = await readCommit(repository, options.at, terminal.signal);
  const session = newSession();
  const compiled = session.compile(tree);
  if (!compiled.ok) {
    showDiagnostics(compiled.problems, tree, options.json === true, context);
    return 1;
  }
  const { value } = compiled;
  const { found, unjudged } = await judgedSinceRelease(
    repository,
    session,
    tree,
    value,
    terminal.signal,
  );
  const denied = found.some(({ severity }) => severity === "error");
  if (denied || !options.json)
    showDiagnostics([...compiled.warnings, ...found], tree, options.json === true, context);
  if (denied) return 1;
  if (unjudged !== undefined)
    terminal.err(`Policies have not judged the change since the last release: ${unjudged}.\n`);
  if (tree.at === undefined) throw new Error("impossible: a commit without an id");
  const released = await releasing.release(
    {
      repository,
      source: { repository: tree.repository, at: tree.at },
      compiled: value,
      ...(options.sign && { signer: signerSource(options.keys, repository, terminal) }),
      ...(options.replace && { replace: true }),
      now: terminal.now(),
    },
    terminal.signal,
  );
  if (options.push !== undefined && released.kind !== "unchanged") {
    const { pushReleased } = await import("./push-released.ts");
    await pushReleased(repository, options.push, released.kind);
  }
  if (options.json) printJson(context, released);
  else terminal.out(textOfReleased(released));
  return 0;
}

/** What became of a release, in words. */
export function textOfReleased(released: Released | Unchanged): string {
  const what = `revision ${released.number}, root ${released.root.slice(0, 12)}…`;
  if (released.kind === "unchanged")
    return `Nothing to release: ${what} is of this commit already.\n`;
  const { added, changed, removed } = released.hosts;
  const hosts =
    [listOf("added", added), listOf("changed", changed), listOf("removed", removed)]
      .flat()
      .join("; ") || "no host touched";
  if (released.kind === "published") return `Released ${what}: ${hosts}.\n`;
  const more = released.missing === 1 ? "one signature is" : `${released.missing} signatures are`;
  return `Pending ${what}: ${hosts}.\n${more} missing: others run millwright sign.\n`;
}

function listOf(word: string, hosts: readonly HostName[]): string[] {
  if (hosts.length === 0) return [];
  return [
    `${word} ${hosts.slice(0, 20).join(", ")}${hosts.length > 20 ? ` and ${hosts.length - 20} more` : ""}`,
  ];
}
