import { resolve } from "node:path";
import { parseHostName, visible } from "@millwright/schema";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { parseCount } from "./log-count.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly log?: true;
  readonly json?: true;
  readonly n?: number;
}

/** Revisions of a host that are looked at for its values, and that are listed, unless -n says otherwise. */
const LOOKED_AT = 5_000;
const LISTED = 20;

const notes = `
Reads the branch releases as it lies here. No signature is verified: millwright verify does that.

JSON: { host, values: [{ path, value, revision, orEarlier? }] }, revision null where it is older than was looked at;
with --log { host, steps: [{ kind, revision, changes: [{ path, before?, after? }] }], end }.
  kind      added, changed, removed, returned, earliest (a shallow clone has none before), unreadable
  end       first, shallow (git fetch --unshallow), more (-n)
  revision  { number?, commit, date, source?: { commit, author?, email?, date?, subject? }, signers: [key id] }
An unknown or removed host is { error: { code, message } } and exit 1.

Example:
  $ millwright blame fra-1
  $ millwright blame fra-1 --log -n 5`;

export const blameCommand: AddCommand = (program, context) => {
  program
    .command("blame")
    .argument("<host>", "a host, such as fra-1")
    .description("tell for each value of a host's newest plan which revision last changed it")
    .option("--log", "list the revisions that touched the host, and what changed in each")
    .option("-n <count>", "revisions to look back over; to list, with --log", parseCount)
    .option("--repo <path>", "the repository", ".")
    .option("--json", "print JSON, as below")
    .addHelpText("after", notes)
    .action(async (host: string, options: Options) =>
      context.finish(await blame(host, options, context)),
    );
};

async function blame(name: string, options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { signal } = terminal;
  const { blameHost, hostHistory } = await import("../history/history.ts");
  const { textOfHistory, textOfValues } = await import("./blame-text.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const host = parseHostName(name);
  if (host === undefined) return refuse("no-such-host", `${name} is no name of a host`);
  if (options.log) {
    const history = await hostHistory(repository, host, options.n ?? LISTED, signal);
    if (history === undefined) return refuse("no-such-host", await unknown(repository));
    if (options.json) printJson(context, { host, ...history });
    else terminal.out(textOfHistory(history));
    return 0;
  }
  const found = await blameHost(repository, host, options.n ?? LOOKED_AT, signal);
  if (found === undefined) return refuse("no-such-host", await unknown(repository));
  const { kind } = found;
  if (kind === "blamed") {
    const values = found.values.map(({ path, value, revision = null, ...rest }) => ({
      path,
      value,
      revision,
      ...rest,
    }));
    if (options.json) printJson(context, { host, values });
    else terminal.out(textOfValues(found.values));
    return 0;
  }
  const { number, date } = found.revision;
  const when = `${number === undefined ? "a revision" : `revision ${number}`} of ${date.slice(0, 10)}`;
  return kind === "removed"
    ? refuse("removed", `${host} was removed in ${when}: millwright blame ${host} --log tells more`)
    : refuse("unreadable", `the plan of ${host} in ${when} cannot be read: run millwright verify`);

  function refuse(what: string, message: string): ExitCode {
    const error = { code: `blame/${what}`, message };
    if (options.json) printJson(context, { error });
    else terminal.err(`error[${error.code}]: ${visible(message)}\n`);
    return 1;
  }

  async function unknown(repository: string): Promise<string> {
    const { readRevision, RELEASES } = await import("../release/release.ts");
    const { didYouMean } = await import("../diagnostic/diagnostic.ts");
    const newest = await readRevision(repository, RELEASES, signal);
    const hint = newest.ok ? didYouMean(name, newest.value.plans.keys()) : newest.message;
    return `no revision on the branch releases has a host ${name}: ${hint}`;
  }
}
