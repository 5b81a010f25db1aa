import { resolve } from "node:path";
import { visible } from "@millwright/schema";
import { shortened } from "../diagnostic/diagnostic.ts";
import { trace } from "../provenance/provenance.ts";
import { type Context, printJson } from "./context.ts";
import { showDiagnostics } from "./diagnostics-text.ts";
import { textOfLinks } from "./explain-text.ts";
import { type ExplainedLink, explainChain } from "./explained-chain.ts";
import { readSource, type SourceOptions } from "./source-option.ts";

/** `millwright explain HOST PATH`: a value of a plan, what made it, and who wrote that. */
export async function explainValue(
  host: string,
  path: string,
  options: SourceOptions & { readonly json?: true },
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const tree = await readSource(options, "HEAD", terminal);
  const traced = trace(tree, host, path);
  if (traced.kind === "unsound") {
    showDiagnostics(traced.problems, tree, options.json === true, context);
    context.finish(1);
    return;
  }
  if (traced.kind === "nowhere") {
    const error = { code: "explain/nothing-there", message: traced.why };
    if (options.json) printJson(context, { error });
    else terminal.err(`error[${error.code}]: ${visible(traced.why)}\n`);
    context.finish(1);
    return;
  }
  const { value } = traced;
  const repository = resolve(terminal.cwd, options.repo);
  const chain = await explainChain(repository, tree, traced.chain, terminal.signal);
  if (options.json) printJson(context, { host, path, value, chain: chain.map(jsonOf) });
  else terminal.out(`${textOfValue(value)}\n\n${textOfLinks(chain)}`);
  context.finish(0);
}

function textOfValue(value: unknown): string {
  return JSON.stringify(value, null, 2).split("\n").map(visible).join("\n");
}

/** A text longer than this is better read in its file. */
const LONGEST_TEXT = 1_000;

function jsonOf({ what, place }: ExplainedLink): object {
  if (place === undefined) return { what };
  const { file, range, text, origin } = place;
  return { what, file, range, text: shortened(text, LONGEST_TEXT), origin };
}
