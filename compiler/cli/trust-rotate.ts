import { resolve } from "node:path";
import type { Command } from "commander";
import type { RoleChange, Rotated } from "../release/release.ts";
import { type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";
import { pushOption } from "./push-released.ts";

interface SignOptions {
  readonly repo: string;
  readonly keys?: string;
  readonly push?: string | true;
  readonly json?: true;
}

interface Options extends SignOptions {
  readonly addSigners?: readonly string[];
  readonly removeSigners?: readonly string[];
  readonly threshold?: string;
  readonly addRootHolders?: readonly string[];
  readonly removeRootHolders?: readonly string[];
  readonly rootThreshold?: string;
  readonly online?: string;
  readonly replace?: true;
}

const JSON_FORM = "print { kind, missing, version, commit, trust, signers }";

const help = `
Without options the same people go on for another year. When the root itself needs several signatures, the other holders
of the root key run millwright trust sign. A release that the new signers have not signed is to be released again.

Example:
  $ millwright trust rotate --keys /media/stick --add-signers bea.pub --threshold 2 --push
  $ millwright trust rotate --keys /media/stick --online "$(millwright trust key --role online --keys hub-keys)"`;

export function addTrustRotate(trust: Command, context: Context): void {
  trust
    .command("rotate")
    .description(
      "make the next root of trust: admit and dismiss signers, exchange the hub's key, renew",
    )
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option("--add-signers <keys...>", "who may sign releases from now on, too")
    .option("--remove-signers <keys...>", "who may not any more")
    .option("--threshold <number>", "how many must sign each release")
    .option("--add-root-holders <keys...>", "who may sign the next root, too")
    .option("--remove-root-holders <keys...>", "who may not any more")
    .option("--root-threshold <number>", "how many must sign the next root")
    .option("--online <key>", "the hub's new public key, in place of the old one")
    .option("--replace", "give up another root that waits for signatures")
    .option(...pushOption)
    .option("--json", JSON_FORM)
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const { terminal } = context;
      const { rotate } = await import("../release/release.ts");
      const { signerSource } = await import("./keys-option.ts");
      const { signerKeysOf } = await import("./signer-keys.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const online =
        options.online === undefined ? [] : await signerKeysOf([options.online], terminal.cwd);
      const { addSigners, removeSigners, threshold } = options;
      const { addRootHolders, removeRootHolders, rootThreshold } = options;
      const rotated = await rotate(
        {
          repository,
          signer: signerSource(options.keys, repository, terminal),
          release: await changeOf(addSigners, removeSigners, threshold, terminal.cwd),
          root: await changeOf(addRootHolders, removeRootHolders, rootThreshold, terminal.cwd),
          ...(online[0] !== undefined && { online: online[0] }),
          ...(options.replace && { replace: true }),
          now: terminal.now(),
        },
        terminal.signal,
      );
      await tell(rotated, repository, options, context);
    });
}

export function addTrustSign(trust: Command, context: Context): void {
  trust
    .command("sign")
    .description(
      "add your signature to the root of trust that waits; the last one missing publishes it",
    )
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option(...pushOption)
    .option("--json", JSON_FORM)
    .addHelpText("after", "\nExample:\n  $ millwright trust sign --keys /media/stick --push")
    .action(async (options: SignOptions) => {
      const { terminal } = context;
      const { signRoot } = await import("../release/release.ts");
      const { signerSource } = await import("./keys-option.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const signer = signerSource(options.keys, repository, terminal);
      const rotated = await signRoot({ repository, signer, now: terminal.now() }, terminal.signal);
      await tell(rotated, repository, options, context);
    });
}

async function changeOf(
  add: readonly string[] | undefined,
  remove: readonly string[] | undefined,
  threshold: string | undefined,
  cwd: string,
): Promise<RoleChange> {
  const { signerKeysOf, thresholdOf } = await import("./signer-keys.ts");
  const count = thresholdOf(threshold);
  return {
    add: await signerKeysOf(add ?? [], cwd),
    remove: await signerKeysOf(remove ?? [], cwd),
    ...(count !== undefined && { threshold: count }),
  };
}

async function tell(
  rotated: Rotated,
  repository: string,
  { push, json }: SignOptions,
  context: Context,
): Promise<void> {
  if (push !== undefined) {
    const { pushReleased } = await import("./push-released.ts");
    await pushReleased(repository, push, rotated.kind);
  }
  const { version, missing, trust } = rotated;
  const { keys, threshold } = trust.roles.targets;
  const rule = `releases need ${threshold} of ${keys.length} signatures`;
  if (json) printJson(context, rotated);
  else if (rotated.kind === "published")
    context.terminal.out(
      `Root ${version} is on the branch: ${rule}. Run millwright release: hosts take nothing that the new signers have not signed.\n`,
    );
  else
    context.terminal.out(
      `Root ${version} waits: ${rule}. ${missing === 1 ? "One signature is" : `${missing} signatures are`} missing: other holders of the root key run millwright trust sign.\n`,
    );
  context.finish(0);
}
