import { type HostPlan, showBytes } from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import { type AddCommand, printJson } from "./context.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

export const planCommand: AddCommand = (program, context) => {
  withSource(program.command("plan"))
    .description("print the plan of every host: of HEAD, of a commit, or of the folder as it lies")
    .option("--json", "print { commit, root, plans } or { diagnostics }")
    .addHelpText("after", "\nExample:\n  $ millwright plan --worktree")
    .action(async (options: SourceOptions & { json?: true }) => {
      const { showDiagnostics } = await import("./diagnostics-text.ts");
      const { compile } = await import("../compile.ts");
      const tree = await readSource(options, "HEAD", context.terminal);
      const compiled = compile(tree);
      if (!compiled.ok) {
        showDiagnostics(compiled.problems, tree, options.json === true, context);
        context.finish(1);
        return;
      }
      if (options.json) {
        printJson(context, {
          commit: tree.at?.commit ?? null,
          root: compiled.value.tree.root,
          plans: Object.fromEntries(
            [...compiled.value.plans].map(([host, { plan }]) => [host, plan]),
          ),
        });
      } else {
        showDiagnostics(compiled.warnings, tree, false, context);
        context.terminal.out(textOfPlans(compiled.value));
      }
      context.finish(0);
    });
};

function textOfPlans({ plans, tree }: Compiled): string {
  const hosts = [...plans.values()].map(
    ({ plan, digest }) => `${plan.host}  ${digest.slice(7, 19)}\n${linesOf(plan)}`,
  );
  return `${hosts.join("")}root ${tree.root}\n`;
}

function linesOf({ deployments, routes }: HostPlan): string {
  const deployed = Object.entries(deployments).map(
    ([name, { model, adapter, instances, memory }]) => {
      const what = adapter === undefined ? model.name : `${model.name} + ${adapter.name}`;
      const gpus = instances.flatMap((instance) => instance.gpus);
      const where = gpus.length === 0 ? "cores" : `GPU ${gpus.join(", ")}`;
      return `  ${name}: ${what}, ${instances.length} × ${showBytes(memory)} on ${where}\n`;
    },
  );
  const routed = Object.entries(routes).map(([name, { to }]) => `  ${name} → ${to.join(", ")}\n`);
  return [...deployed, ...routed].join("") || "  nothing\n";
}
