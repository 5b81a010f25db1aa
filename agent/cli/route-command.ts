import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { canonicalDigest, HostPlan, readerOf, visibleLines } from "@millwright/schema";
import { readIdentity, stateIn } from "../disk/disk.ts";
import { conditionsOf, Failure, silentJournal, systemClock } from "../life/life.ts";
import { type Explained, explained, readRecorded } from "../routing/routing.ts";
import { openTrust } from "../trust/trust.ts";
import { type AddCommand, stateOption } from "./context.ts";
import type { Terminal } from "./terminal.ts";

const example = `
Example:
  $ curl -s http://fra-1:7430/v1/chat/completions -d @mail.json | millwright-agent route --explain -
  $ millwright-agent route --explain mail.json --plan plans/fra-1.json

Takes an answer (its x_millwright.route), the header x-millwright-decision, or a request.
Nothing is asked of any model or host. Of a request, what only models can tell is left open, and said.
Exit code 1: by this plan the decision is another one, or there is no such name.`;

interface Options {
  readonly explain: string;
  readonly plan?: string;
  readonly state: string;
  readonly json?: true;
}

export const routeCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("route")
    .description(
      "say which rule of a route was taken for a request, and why none before it, offline",
    )
    .requiredOption("--explain <file>", "an answer, a decision or a request; - reads stdin")
    .option("--plan <file>", "a host's plan; that of the state folder when absent")
    .option(...stateOption)
    .option("--json", "print { name, rule, recorded?, steps, asks, evidence, plan }")
    .addHelpText("after", example)
    .action(async ({ explain, plan, state, json }: Options) => {
      const recorded = readRecorded(await input(explain, terminal));
      if (recorded === undefined)
        throw new Failure(
          "cli/not-a-decision",
          `${explain} holds no answer of a gateway, no decision and no request with a model.`,
        );
      const planned =
        plan === undefined
          ? await planOf(resolve(terminal.cwd, state))
          : await planIn(resolve(terminal.cwd, plan));
      const found = explained(planned, recorded);
      const digest = canonicalDigest(planned);
      if (json) terminal.out(`${JSON.stringify({ ...found, plan: digest }, null, 2)}\n`);
      else for (const line of linesOf(found, digest)) terminal.out(`${line}\n`);
      finish(found.rule !== undefined && [undefined, found.rule].includes(found.recorded) ? 0 : 1);
    });
};

/** A host is a Linux, where standard input is a file like others. */
async function input(path: string, { cwd }: Terminal): Promise<string> {
  return await readFile(path === "-" ? "/dev/stdin" : resolve(cwd, path), "utf8");
}

const readPlan = readerOf(HostPlan);

async function planIn(path: string): Promise<HostPlan> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const plan = readPlan(value);
  if (plan.ok) return plan.value;
  throw new Failure("cli/not-a-plan", `${path} is no plan of a host.`);
}

/** The newest that was accepted: what the agent obeys, unless something makes it wait. */
async function planOf(root: string): Promise<HostPlan> {
  const state = stateIn(root);
  const { host, publicKey } = await readIdentity(state);
  const clock = systemClock;
  const conditions = conditionsOf(clock);
  const trust = await openTrust({
    ...{ state, clock, conditions, journal: silentJournal },
    self: { host, publicKey },
  });
  const plan = (trust.accepted() ?? trust.good())?.plan;
  if (plan !== undefined) return plan;
  throw new Failure("cli/no-plan", `The host of ${root} has no plan yet. Name one with --plan.`);
}

function linesOf(
  { name, rule, recorded, steps, asks, evidence }: Explained,
  plan: string,
): readonly string[] {
  const shown = (text: string) => visibleLines(text).join(" ");
  const width = Math.max(0, ...steps.map((step) => step.rule.length));
  return [
    `${shown(name)}, by the plan ${plan.slice(7, 19)}`,
    ...steps.map(
      (step) =>
        `  ${step.rule.padEnd(width)}  ${step.taken ? "taken " : "passed"}  ${shown(step.why)}`,
    ),
    rule === undefined ? "This plan has no such name." : `asks ${asks.join(", then ")}`,
    ...(evidence.open.length === 0
      ? []
      : [`failed often, so asked last: ${evidence.open.join(", ")}`]),
    ...(recorded === undefined || recorded === rule
      ? []
      : [`When it was answered, ${shown(recorded)} was taken: that was by another plan.`]),
  ];
}
