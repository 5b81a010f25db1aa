import { type Decision, decide, type Evidence, type Ruling, type Step } from "./decide.ts";
import { estimatedTokens, type Facts } from "./facts.ts";
import { pointOf } from "./point.ts";

/** What was asked for, and on what the decision rested. */
export interface Recorded {
  readonly name: string;
  /** The rule that was taken, where it is told. */
  readonly rule?: string;
  readonly evidence: Evidence;
}

export interface Explained {
  readonly name: string;
  /** `undefined`: the plan has no such name. */
  readonly rule: string | undefined;
  readonly recorded?: string;
  readonly steps: readonly Step[];
  /** Deployments, in the order in which they are asked. */
  readonly asks: readonly string[];
  readonly evidence: Evidence;
}

type Names = Parameters<typeof decide>[0];

/** Decides again. What only a model can tell, and nobody has recorded, is taken for not told. */
export function explained(plan: Names, { name, rule, evidence }: Recorded): Explained {
  const rulings = [...evidence.rulings];
  for (;;) {
    const decision: Decision | undefined = decide(plan, name, { ...evidence, rulings });
    if (decision?.kind === "ask") {
      rulings.push({ rule: decision.rule, none: "failed" });
      continue;
    }
    return {
      name,
      rule: decision?.rule,
      ...(rule !== undefined && { recorded: rule }),
      steps: decision?.steps ?? [],
      asks: decision?.candidates.map(({ deployment }) => deployment) ?? [],
      evidence: { ...evidence, rulings },
    };
  }
}

/** An answer of a gateway, what its header says of the decision, or a request. `undefined` for anything else. */
export function readRecorded(text: string): Recorded | undefined {
  const trimmed = text.trim();
  const value = fieldsOf(
    parsed(trimmed) ?? parsed(Buffer.from(trimmed, "base64url").toString("utf8")),
  );
  const route = fieldsOf(fieldsOf(value["x_millwright"])["route"]);
  if (typeof route["name"] === "string") return traceOf(route, route["name"]);
  if (typeof value["name"] === "string" && "rule" in value) return traceOf(value, value["name"]);
  return typeof value["model"] === "string" ? requestOf(value, value["model"]) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: another form, or none.
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function traceOf(trace: Fields, name: string): Recorded {
  const { facts, point, rulings, open, rule } = trace;
  const list = (value: unknown) => (Array.isArray(value) ? value : []);
  return {
    name,
    ...(typeof rule === "string" && { rule }),
    evidence: {
      facts: factsOf(fieldsOf(facts), name),
      point: typeof point === "number" ? point : 0,
      rulings: list(rulings).flatMap(rulingOf),
      open: list(open).filter((each): each is string => typeof each === "string"),
    },
  };
}

function rulingOf(value: unknown): readonly Ruling[] {
  const { rule, label, confidence, none } = fieldsOf(value);
  if (typeof rule !== "string") return [];
  if (typeof label === "string" && typeof confidence === "number")
    return [{ rule, label, confidence }];
  return none === "late" || none === "failed" ? [{ rule, none }] : [];
}

function factsOf(said: Fields, name: string): Facts {
  const text = (value: unknown, otherwise = "") => (typeof value === "string" ? value : otherwise);
  const count = (value: unknown) => (typeof value === "number" ? value : 0);
  const { priority } = said;
  return {
    task: text(said["task"], name),
    operation: text(said["operation"], "chat"),
    language: text(said["language"]),
    caller: text(said["caller"]),
    priority: priority === "high" || priority === "low" ? priority : "normal",
    tokens: count(said["tokens"]),
    messages: count(said["messages"]),
    tools: said["tools"] === true,
    schema: said["schema"] === true,
    stream: said["stream"] === true,
  };
}

/** What a body tells by itself: not who sends it, and not its language. */
function requestOf(body: Fields, name: string): Recorded {
  const texts = textsIn(body);
  const said = bodyFacts(body);
  return {
    name,
    evidence: {
      facts: {
        ...factsOf({}, name),
        ...(said.task !== undefined && { task: said.task }),
        operation: "prompt" in body ? "text_completion" : "input" in body ? "embeddings" : "chat",
        tokens: estimatedTokens(texts),
        messages: texts.length,
        tools: said.tools,
        schema: String(fieldsOf(body["response_format"])["type"] ?? "text") !== "text",
        stream: body["stream"] === true,
      },
      point: pointOf(name, said.episode ?? said.user ?? ""),
      rulings: [],
      open: [],
    },
  };
}

function textsIn({ messages, prompt, input }: Fields): readonly string[] {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
  if (Array.isArray(messages))
    return messages.map((message) =>
      list(fieldsOf(message)["content"])
        .map((part) => (typeof part === "string" ? part : fieldsOf(part)["text"]))
        .filter((part) => typeof part === "string")
        .join(""),
    );
  return list(prompt ?? input).filter((part): part is string => typeof part === "string");
}

const MAX_WORD = 200;

/** What a body says besides the task itself: labels of the caller's own, and whether there are tools. */
export function bodyFacts(body: unknown): {
  readonly task: string | undefined;
  readonly user: string | undefined;
  readonly episode: string | undefined;
  readonly tools: boolean;
} {
  const fields = fieldsOf(body);
  const metadata = fieldsOf(fields["metadata"]);
  const word = (value: unknown) =>
    typeof value === "string" && value !== "" ? value.slice(0, MAX_WORD) : undefined;
  const some = (value: unknown) => Array.isArray(value) && value.length > 0;
  return {
    task: word(metadata["task"]),
    episode: word(metadata["episode_id"]),
    user: word(fields["user"]),
    tools: some(fields["tools"]) || some(fields["functions"]),
  };
}
