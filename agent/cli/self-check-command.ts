import manifest from "../package.json" with { type: "json" };
import type { AddCommand } from "./context.ts";

/** What an agent asks the one that is to take its place. For no person: it is not in the help. */
export const selfCheckCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("self-check", { hidden: true })
    .description("load all that an agent loads, and change nothing")
    .option("--json", "print { version }")
    .action(async ({ json }: { json?: true }) => {
      await import("../agent.ts");
      const { version } = manifest;
      terminal.out(json ? `${JSON.stringify({ version })}\n` : `agent ${version} loads\n`);
      finish(0);
    });
};
