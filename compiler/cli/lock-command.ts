import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { showBytes } from "@millwright/schema";
import { andThen } from "../diagnostic/diagnostic.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";

interface Options {
  readonly repo: string;
  readonly refresh?: true;
  readonly json?: true;
}

export const lockCommand: AddCommand = (program, context) => {
  program
    .command("lock")
    .description(
      "find out what the sources of all models and agents are, and write factories/models.lock.yaml",
    )
    .option("--repo <path>", "the repository", ".")
    .option(
      "--refresh",
      "fetch again what is locked already (files on this disk are always read again)",
    )
    .option("--json", "print { artifacts, changed }")
    .addHelpText("after", "\nExample:\n  $ millwright lock && git add factories/models.lock.yaml")
    .action(async (options: Options) => context.finish(await lock(options, context)));
};

async function lock({ repo, refresh, json }: Options, context: Context): Promise<0 | 1> {
  const { terminal } = context;
  const { readFolder } = await import("../source/source.ts");
  const { evaluate } = await import("../evaluate/evaluate.ts");
  const { check } = await import("../check/check.ts");
  const { LOCK_PATH, lockText, readLock, resolveSource } = await import("../lock/lock.ts");
  const { showDiagnostics } = await import("./diagnostics-text.ts");
  const root = resolve(terminal.cwd, repo);
  const tree = await readFolder(root, terminal.signal);
  const checked = andThen(evaluate(tree), check);
  if (!checked.ok) {
    showDiagnostics(checked.problems, tree, json === true, context);
    return 1;
  }
  // A lock that cannot be read is made anew.
  const before = readLock(tree);
  const known = (before.ok ? before.value?.artifacts : undefined) ?? new Map();
  const { models, adapters, hosts, fleet } = checked.value;
  const agents = [fleet, ...hosts.values()].flatMap(({ value }) =>
    Object.values(value.agent?.packages ?? {}),
  );
  const named = [...models.values(), ...adapters.values()].map(({ value }) => value.source);
  const sources = new Set([...named, ...agents]);
  const artifacts = new Map<string, Awaited<ReturnType<typeof resolveSource>>>();
  for (const source of [...sources].sort()) {
    const kept = source.startsWith("https:") && !refresh ? known.get(source) : undefined;
    if (kept === undefined) terminal.err(`Reading ${source} …\n`);
    const artifact =
      kept ?? (await resolveSource(source, join(root, "factories"), terminal.signal));
    artifacts.set(source, artifact);
    if (!json)
      terminal.out(`${source}  ${artifact.digest.slice(0, 19)}…  ${showBytes(artifact.size)}\n`);
  }
  const text = lockText(artifacts);
  const changed = new TextDecoder().decode(tree.files.get(LOCK_PATH)) !== text;
  if (changed) await writeFile(join(root, LOCK_PATH), text);
  if (json) printJson(context, { artifacts: Object.fromEntries(artifacts), changed });
  else
    terminal.err(
      changed ? `${LOCK_PATH} is written: commit it.\n` : `${LOCK_PATH} is up to date.\n`,
    );
  return 0;
}
