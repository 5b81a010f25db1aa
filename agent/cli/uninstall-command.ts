import { resolve } from "node:path";
import type { AddCommand } from "./context.ts";

const example = `
Example:
  $ millwright-agent uninstall

Kept: the host's identity, whom it trusts, and what its hub has not acknowledged. --purge keeps nothing: the host must
then be enrolled anew.`;

export const uninstallCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("uninstall")
    .description("stop the agent and its models, and take it out of systemd")
    .option("--purge", "remove the host's identity, too")
    .option("--root <folder>", "the root folder of an image", "/")
    .option("--json", "print { purged }")
    .addHelpText("after", example)
    .action(
      async ({ purge = false, root, json }: { purge?: boolean; root: string; json?: true }) => {
        const { uninstallFrom } = await import("../install/install.ts");
        const ground = {
          root: resolve(terminal.cwd, root),
          told: (line: string) => terminal.err(`${line}\n`),
        };
        await uninstallFrom(ground, { purge }, terminal.signal);
        terminal.out(json ? `${JSON.stringify({ purged: purge })}\n` : "Uninstalled.\n");
        finish(0);
      },
    );
};
