import { resolve } from "node:path";
import { showBytes, visibleLines } from "@millwright/schema";
import type { ApplyLine } from "../bundle/bundle.ts";
import { Failure } from "../life/life.ts";
import { type AddCommand, stateOption } from "./context.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const example = `
Example:
  $ millwright-agent apply /media/usb/fra-1

The folder is one that millwright bundle made for this host. It is proved as if the hub had sent it; then it is what
this host wants. An agent that runs takes it at once; otherwise the next millwright-agent run does, with no hub.
Exit code 1: the bundle was refused, and nothing has changed.`;

export const applyCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("apply")
    .argument("<folder>", "the bundle")
    .description("take a plan and its models from a disk, where no hub can be reached")
    .option(...stateOption)
    .option("--json", "print { kind: applied, revision, known, models } or { kind: refused, … }")
    .addHelpText("after", example)
    .action(async (folder: string, { state, json }: { state: string; json?: true }) => {
      const outcome = await apply(resolve(terminal.cwd, folder), state, terminal);
      finish(tell(outcome, json === true, terminal));
    });
};

async function apply(folder: string, state: string, terminal: Terminal): Promise<ApplyLine> {
  const { askRunning, applyAlone } = await import("./apply-to.ts");
  const root = resolve(terminal.cwd, state);
  let copying: string | undefined;
  const show = (line: ApplyLine) => {
    if (line.kind !== "progress") return;
    const [model = ""] = visibleLines(line.model);
    const text = `Copying ${model}: ${showBytes(line.bytes)} of ${showBytes(line.of)}`;
    // A log gets one line a model, a person at a terminal one that moves.
    if (terminal.interactive) terminal.err(`\r\u001b[K${text}`);
    else if (copying !== line.model) terminal.err(`Copying ${model} …\n`);
    copying = line.model;
  };
  const outcome =
    (await askRunning(root, folder, show, terminal.signal)) ??
    (await applyAlone(root, folder, show, terminal));
  if (copying !== undefined && terminal.interactive) terminal.err("\r\u001b[K");
  return outcome;
}

function tell(outcome: ApplyLine, json: boolean, { out, err }: Terminal): ExitCode {
  if (outcome.kind === "failed") throw new Failure(outcome.code, outcome.message);
  if (json) out(`${JSON.stringify(outcome, null, 2)}\n`);
  switch (outcome.kind) {
    case "applied": {
      const { revision, known, models } = outcome;
      const brought = models.length === 0 ? "" : ` Models that came with it: ${models.join(", ")}.`;
      const what = known
        ? `Revision ${revision} is what this host wanted already.`
        : `Revision ${revision} is what this host wants now.`;
      if (!json) out(`${what}${brought}\n`);
      return 0;
    }
    case "refused":
      err(
        `error[${outcome.reason}]: ${visibleLines(outcome.message).join("\n")} Nothing has changed.\n`,
      );
      return 1;
    case "progress":
      throw new Error("impossible: progress is no outcome");
  }
}
