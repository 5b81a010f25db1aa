import type { AddCommand } from "../context.ts";

export const demoCommand: AddCommand = (program, { terminal, finish, run }) => {
  program
    .command("demo")
    .description(
      "play the whole line on this machine: repository, hub, three agents, a correction, a change",
    )
    .option("--once", "end when the story is told")
    .option("--json", "print the outcome as one JSON object (with --once)")
    .option("--keep", "leave the folder with repository, keys, states and logs")
    .addHelpText("after", "\nExample:\n  $ millwright demo --once --json")
    .action(async (options: { once?: true; json?: true; keep?: true }) => {
      const { demo } = await import("./demo.ts");
      finish(await demo(options, terminal, run));
    });
};
