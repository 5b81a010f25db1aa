import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type Digest, parseDigest, parseHostName } from "@millwright/schema";
import { makeIdentity, openState } from "../disk/disk.ts";
import { Failure } from "../life/life.ts";
import { httpOrigin, pinRoot } from "../trust/trust.ts";
import { type AddCommand, stateOption } from "./context.ts";
import { fetchRoot } from "./fetch-root.ts";
import { hostDefinition } from "./host-definition.ts";

interface Options {
  readonly state: string;
  readonly name: string;
  readonly site: string;
  readonly region: string;
  readonly hub: string[];
  readonly root?: string;
  readonly rootDigest?: string;
  readonly json?: true;
}

const example = `
Example:
  $ millwright-agent init --name fra-1 --site fra --region de --hub wss://hub.acme.example --root root.json

The root of trust is the file that millwright init made, copied here, or fetched from the hub and compared
with the fingerprint that millwright init printed: --root-digest sha256:…`;

export const initCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("init")
    .description("make this host's key and print the definition whose merge enrols it")
    .option(...stateOption)
    .option("--name <name>", "the host's name", hostname().toLowerCase().split(".")[0])
    .option("--site <name>", "where it stands", "site-1")
    .option("--region <name>", "the jurisdiction of the site", "region-1")
    .requiredOption("--hub <url...>", "where the hub is: wss://…")
    .option("--root <file>", "the root of trust")
    .option(
      "--root-digest <digest>",
      "the fingerprint of the root, which is then fetched from the hub",
    )
    .option("--json", "print { name, key, definition }")
    .addHelpText("after", example)
    .action(async (options: Options) => {
      const name = parseHostName(options.name);
      if (name === undefined) {
        terminal.err(
          `“${options.name}” cannot be a host's name: use letters a-z, digits and hyphens, 63 at most, with --name.\n`,
        );
        finish(2);
        return;
      }
      const state = await openState(resolve(terminal.cwd, options.state));
      const root = await rootOf(options, terminal.cwd, terminal.signal);
      // The root first: a wrong one must not leave an identity behind that a second attempt then finds.
      await pinRoot(state, root.bytes, root.digest);
      const identity = await makeIdentity(state, name, options.hub);
      const { inventory } = await import("../hardware/hardware.ts");
      const found = await inventory(terminal.signal);
      const definition = hostDefinition({ ...options, name, key: identity.publicKey }, found);
      if (options.json)
        terminal.out(`${JSON.stringify({ name, key: identity.publicKey, definition }, null, 2)}\n`);
      else {
        terminal.out(definition);
        terminal.err(
          `\nAdd this below factories/ by pull request: merging it enrols the host. Then: millwright-agent run --state ${options.state}\n`,
        );
      }
      finish(0);
    });
};

async function rootOf(
  { root, rootDigest, hub }: Options,
  cwd: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly digest?: Digest }> {
  const digest = rootDigest === undefined ? undefined : parseDigest(rootDigest);
  if (rootDigest !== undefined && digest === undefined) {
    throw new Failure(
      "cli/bad-digest",
      "--root-digest wants sha256: and 64 hex digits, as millwright init printed them.",
    );
  }
  if (root !== undefined)
    return { bytes: await readFile(resolve(cwd, root)), ...(digest && { digest }) };
  if (digest === undefined) {
    throw new Failure(
      "cli/no-root",
      "Nothing to trust: give --root FILE, or --root-digest with the fingerprint that millwright init printed.",
    );
  }
  const url = `${httpOrigin(hub[0] ?? "")}/v1/root/1.json`;
  return { bytes: await fetchRoot(url, signal), digest };
}
