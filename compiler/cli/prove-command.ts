import { type AddCommand, printJson } from "./context.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

export const proveCommand: AddCommand = (program, context) => {
  withSource(program.command("prove"))
    .description("show that everything fits, and that data is only where it may be")
    .option("--json", "print { commit, root, hosts, sovereignty, assumed } or { diagnostics }")
    .addHelpText(
      "after",
      "\nThe certificate is held against its rules by the same independent checker that agents use.\n\nExample:\n  $ millwright prove --worktree",
    )
    .action(async (options: SourceOptions & { json?: true }) => {
      const { showDiagnostics } = await import("./diagnostics-text.ts");
      const { compile } = await import("../compile.ts");
      const { phasesOn } = await import("./phases.ts");
      const tree = await readSource(options, "HEAD", context.terminal);
      const phases = phasesOn(context.terminal);
      phases.begin("compiling");
      const compiled = compile(tree);
      phases[Symbol.dispose]();
      if (!compiled.ok) {
        showDiagnostics(compiled.problems, tree, options.json === true, context);
        context.finish(1);
        return;
      }
      const { assumed, proofOf } = await import("./proof.ts");
      const proof = proofOf(compiled.value);
      if (options.json) {
        printJson(context, {
          commit: tree.at?.commit ?? null,
          root: compiled.value.tree.root,
          ...proof,
          assumed,
        });
      } else {
        const { textOfProof } = await import("./proof-text.ts");
        showDiagnostics(compiled.warnings, tree, false, context);
        context.terminal.out(textOfProof(proof, compiled.value.tree.root));
      }
      context.finish(proof.sovereignty.faults.length === 0 ? 0 : 1);
    });
};
