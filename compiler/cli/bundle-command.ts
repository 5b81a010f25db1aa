import { join, resolve } from "node:path";
import { parseDigest, parseHostName } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";

interface Options {
  readonly repo: string;
  readonly output: string;
  readonly keys?: string;
  readonly root?: string;
  readonly models?: string | false;
  readonly json?: true;
}

const SHOW_EVERY_MS = 200;

const example = `
Example:
  $ millwright bundle fra-1 -o /media/usb/fra-1
  $ millwright-agent apply /media/usb/fra-1       (on the host)

The online key says that the revision is the newest; that holds for a day. Then make the bundle anew: with --no-models
for a host that has them.`;

export const bundleCommand: AddCommand = (program, context) => {
  program
    .command("bundle")
    .argument("<host>", "the host that is to take it")
    .description(
      "put a host's plan, its proof and its models into a folder, for hosts without a hub",
    )
    .requiredOption("-o, --output <folder>", "the folder to be made")
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option(
      "--root <digest>",
      "the fingerprint of the root of trust; the branch's own is believed when absent",
    )
    .option("--models <folder>", "look for models there first, whatever their files are called")
    .option("--no-models", "leave the models out: the host has them")
    .option("--json", "print { host, revision, commit, folder, until, models }")
    .addHelpText("after", example)
    .action(async (host: string, options: Options) => {
      await bundle(host, options, context);
    });
};

async function bundle(text: string, options: Options, context: Context): Promise<void> {
  const { terminal, finish } = context;
  const host = parseHostName(text);
  const pinned = options.root === undefined ? undefined : parseDigest(options.root);
  if (host === undefined || (options.root !== undefined && pinned === undefined)) {
    terminal.err(
      "A host's name has letters a-z, digits and hyphens; --root wants sha256: and 64 hex digits.\n",
    );
    return finish(2);
  }
  const { showBytes } = await import("@millwright/schema");
  const { readKey } = await import("../release/release.ts");
  const { makeBundle } = await import("../bundle/bundle.ts");
  const { keysFolder } = await import("./keys-option.ts");
  const { phasesOn } = await import("./phases.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const keys = keysFolder(options.keys, repository, terminal);
  const onlineKey = await readKey(join(keys, "online.pem"));
  if (onlineKey === undefined) {
    throw new Failure(
      "cli/no-online-key",
      `${keys} holds no online.pem, which says that a revision is the newest. Run this where the hub's key is, or name its folder with --keys.`,
    );
  }
  using phases = phasesOn(terminal);
  phases.begin("Proving the revision");
  const { models } = options;
  let shownAt = 0;
  const progress = (name: string, bytes: number, of: number) => {
    if (Math.abs(terminal.now() - shownAt) < SHOW_EVERY_MS) return;
    shownAt = terminal.now();
    phases.begin(`Copying ${name}: ${showBytes(bytes)} of ${showBytes(of)}`);
  };
  const made = await makeBundle(
    {
      ...{
        repository,
        onlineKey,
        host,
        progress,
        now: terminal.now(),
        withModels: models !== false,
      },
      folder: resolve(terminal.cwd, options.output),
      ...(pinned !== undefined && { pinned }),
      ...(typeof models === "string" && { models: resolve(terminal.cwd, models) }),
    },
    terminal.signal,
  );
  phases[Symbol.dispose]();
  const until = new Date(made.until).toISOString();
  if (options.json) printJson(context, { ...made, until });
  else {
    const size = made.models.reduce((sum, model) => sum + model.size, 0);
    const what =
      models === false ? "without its models" : `${made.models.length} models, ${showBytes(size)}`;
    terminal.out(
      `${made.folder}: revision ${made.revision} for ${host}, ${what}.\nIt can be applied until ${until}: millwright-agent apply DIR\n`,
    );
  }
  finish(0);
}
