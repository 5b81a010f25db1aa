import { join } from "node:path";
import type { AddCommand } from "./context.ts";

export const engineCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("engine")
    .argument("<kind>", "cuda or vulkan")
    .description("install the engine for this host's GPUs, which the default install leaves out")
    .option(
      "--root <folder>",
      "the folder that holds node_modules",
      join(import.meta.dirname, "../.."),
    )
    .option("--json", "print { engine, packages }")
    .addHelpText("after", "\nExample:\n  $ millwright-agent engine cuda")
    .action(async (kind: string, { root, json }: { root: string; json?: true }) => {
      if (kind !== "cuda" && kind !== "vulkan") {
        terminal.err(`There is no engine ${kind}: choose cuda (NVIDIA) or vulkan (any GPU).\n`);
        finish(2);
        return;
      }
      const { installEngine } = await import("../runner/runner.ts");
      terminal.err(`Fetching the ${kind} engine: up to 320 MB …\n`);
      const packages = await installEngine(kind, root, terminal.signal);
      terminal.out(
        json
          ? `${JSON.stringify({ engine: kind, packages })}\n`
          : `Installed ${packages.join(", ")}.\n`,
      );
      finish(0);
    });
};
