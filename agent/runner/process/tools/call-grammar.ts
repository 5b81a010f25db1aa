import { type AnswerSchema, EngineError, type Tool } from "../../engine.ts";
import type { Written } from "./format.ts";

/** Calls of one answer that a grammar lets through: a model that never ends must end some time. */
const MOST_CALLS = 16;

/** The grammar of a JSON Schema, in GBNF, whose first rule is `root`. */
export type RulesOf = (schema: AnswerSchema) => Promise<string>;

/** Grammars (GBNF) that hold what a model writes to calls of these functions. */
export interface CallGrammar {
  /** From the first token of an answer on. */
  readonly whole: string;
  /** From what stands after the mark of a first call on. `undefined`: it is no longer what it should be. */
  after(begun: string): string | undefined;
}

/** `answer`: what the answer may be instead of calls, from its first token on. */
export async function callGrammarOf(
  written: Written,
  tools: readonly Tool[],
  { several, answer }: { readonly several: boolean; readonly answer?: AnswerSchema },
  rulesOf: RulesOf,
): Promise<CallGrammar> {
  const rules: string[] = ["gap ::= [ \\n]{0,2}"];
  for (const [index, tool] of tools.entries())
    rules.push(await heldRules(`t${index}`, tool, rulesOf));
  const calls = tools.map(({ function: { name } }, index) => {
    const [before, after] = written.call(name);
    return { before, args: `t${index}`, after };
  });
  const one = ({ before, args, after }: (typeof calls)[number]) =>
    [literal(before), args, literal(after)].join(" ");
  rules.push(`call ::= ${calls.map(one).join(" | ")}`);
  const more = several ? `{0,${MOST_CALLS - 1}}` : "{0,0}";
  const { open, close, between, list } = written;
  const rest =
    list === undefined
      ? `gap ${literal(close.trimStart())} (gap ${literal(between + open)} gap call gap ${literal(close.trimStart())})${more}`
      : `(${literal(list.between)} call)${more} ${literal(list.close)} ${literal(close)}`;
  rules.push(`rest ::= ${rest}`);
  const begin = literal(open + (list?.open ?? ""));
  if (answer !== undefined) rules.push(renamed(await rulesOf(answer), "answer"));
  const whole = [
    `root ::= ${begin} call rest${answer === undefined ? "" : " | answer"}`,
    ...rules,
  ].join("\n");
  return {
    whole,
    after(begun) {
      const from = begun.trimStart();
      const opened = list?.open ?? "";
      if (from === "") return [`root ::= gap ${literal(opened)} call rest`, ...rules].join("\n");
      const ways = calls.flatMap(({ before, args, after }) =>
        [before, before.replaceAll(/(?<=[:,]) /g, "")].flatMap((text) =>
          `${opened}${text}`.startsWith(from)
            ? [[literal(`${opened}${text}`.slice(from.length)), args, literal(after)].join(" ")]
            : [],
        ),
      );
      if (ways.length === 0) return undefined;
      return [`root ::= (${ways.join(" | ")}) rest`, ...rules].join("\n");
    },
  };
}

/** What is not strict asks for no grammar that the engine cannot make: its arguments are an object, then. */
async function heldRules(
  name: string,
  { held, function: { strict } }: Tool,
  rulesOf: RulesOf,
): Promise<string> {
  try {
    return await argumentRules(name, held, rulesOf);
  } catch (error) {
    if (strict === true || !(error instanceof EngineError)) throw error;
    return renamed(await rulesOf({ type: "object", additionalProperties: true }), name);
  }
}

/** The rule `name` for arguments. What a function does not require may be left out, which engines' own grammars never do. */
async function argumentRules(name: string, held: AnswerSchema, rulesOf: RulesOf): Promise<string> {
  const { properties, required, $defs = {} } = held;
  if (!Array.isArray(required) || typeof properties !== "object" || properties === null)
    return renamed(await rulesOf(held), name);
  const entries: [string, AnswerSchema][] = Object.entries(properties);
  const rules: string[] = [`${name} ::= "{" [ \\n]? ${name}first0 [ \\n]? "}"`];
  for (const [index, [key, schema]] of entries.entries()) {
    const field = `${name}field${index}`;
    rules.push(renamed(await rulesOf({ ...schema, $defs }), `${name}value${index}`));
    rules.push(`${field} ::= ${literal(`${JSON.stringify(key)}:`)} [ ]? ${name}value${index}`);
    const after = `${name}rest${index + 1}`;
    const needed = required.includes(key);
    rules.push(
      `${name}first${index} ::= ${field} ${after}${needed ? "" : ` | ${name}first${index + 1}`}`,
      `${name}rest${index} ::= ${needed ? "" : "("}"," [ \\n]? ${field}${needed ? "" : ")?"} ${after}`,
    );
  }
  rules.push(`${name}first${entries.length} ::= ""`, `${name}rest${entries.length} ::= ""`);
  return rules.join("\n");
}

/** The rules of a grammar under names that begin with `name`; its root is called so. */
function renamed(grammar: string, name: string): string {
  // Quoted texts and classes of characters hold no names.
  const part = /"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[a-z][a-z0-9-]*/gi;
  return grammar
    .replace(/^(root ::= .*) "(?:\\n)+" \[\\n\]\*$/m, "$1")
    .replaceAll(part, (found) => {
      if (found.startsWith('"') || found.startsWith("[")) return found;
      return found === "root" ? name : `${name}-${found}`;
    });
}

function literal(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
