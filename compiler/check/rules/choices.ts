import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";
import { type Path, spanInside } from "../located.ts";
import { predicateOf } from "../predicate.ts";

type Factory = Draft<"factory">;

/** What says where a task goes: one of these in a route, one of those in a choice. */
const ways = {
  route: ["to", "choose", "split"],
  choice: ["to", "split", "classify"],
} as const;

/** A route leads somewhere, in one way; and of its choices, each is about something and the last about all. */
export function choices({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap((factory) =>
    (factory.keysAt(["routes"]) ?? []).flatMap((name) => {
      const at = ["routes", name];
      const chosen = factory.value.routes?.[name]?.choose ?? [];
      return [
        ...oneWay(factory, "route", at, `the route ${name}`),
        ...chosen.flatMap((_, index) =>
          oneWay(factory, "choice", [...at, "choose", index], "a choice"),
        ),
        ...chosen.flatMap((choice, index) =>
          choice?.when === undefined ? [] : predicate(factory, name, index, choice.when),
        ),
        ...order(factory, name),
      ];
    }),
  );
}

function oneWay(
  { keysAt, spanOf }: Factory,
  what: keyof typeof ways,
  at: Path,
  named: string,
): readonly Diagnostic[] {
  const written = keysAt(at);
  // What is no object at all has been reported.
  if (written === undefined) return [];
  const known: readonly string[] = ways[what];
  const said = written.filter((key) => known.includes(key));
  const [first, second] = said;
  if (first !== undefined && second === undefined) return [];
  const all = `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`;
  const common = { code: "check/one-way", severity: "error" } as const;
  if (first === undefined || second === undefined)
    return [
      {
        ...common,
        message: `${named} says nowhere to go`,
        at: spanOf(at, what === "route" ? "key" : "value"),
        cure: `give it one of ${all}`,
      },
    ];
  return [
    {
      ...common,
      message: `${named} has ${said.join(" and ")}`,
      at: spanOf([...at, second], "key"),
      cure: `keep one of ${all}`,
      also: [{ message: "said here", at: spanOf([...at, first], "key") }],
    },
  ];
}

function predicate(
  { spanOf }: Factory,
  route: string,
  index: number,
  when: string,
): readonly Diagnostic[] {
  const read = predicateOf(when);
  if (read.ok) return [];
  const at = spanOf(["routes", route, "choose", index, "when"]);
  return read.slips.map(({ from, to, message, cure }) => ({
    code: read.what === "syntax" ? "check/when-syntax" : "check/when-type",
    severity: "error",
    message: `the route ${route}: ${message}`,
    at: spanInside(at, when, from, to),
    cure,
  }));
}

/** Choices are asked one after the other: behind one that is about all there is nothing left to choose. */
function order({ value, keysAt, spanOf }: Factory, route: string): readonly Diagnostic[] {
  const chosen = value.routes?.[route]?.choose;
  if (chosen === undefined) return [];
  const at = (index: number): Path => ["routes", route, "choose", index];
  // By what is written: a part that is broken is no part that is missing.
  const conditions = chosen.map((_, index) =>
    (keysAt(at(index)) ?? ["when"]).some((key) => key === "when" || key === "classify"),
  );
  const open = conditions.indexOf(false);
  if (open < 0)
    return [
      {
        code: "check/no-last-choice",
        severity: "error",
        message: `no choice of the route ${route} is about what is left`,
        at: spanOf(at(chosen.length - 1)),
        cure: "write a last one without when: { to: … }",
      },
    ];
  const texts = chosen.map((choice) => (choice?.classify === undefined ? choice?.when : undefined));
  return chosen.flatMap((choice, index): readonly Diagnostic[] => {
    const same = choice?.when === undefined ? -1 : texts.indexOf(choice.when);
    const by = index > open ? open : same >= 0 && same < index ? same : undefined;
    if (by === undefined) return [];
    return [
      {
        code: "check/unreachable",
        severity: "warning",
        message: `this choice of ${route} is never reached: an earlier one takes ${by === open && index > open ? "all tasks" : "the same tasks"}`,
        at: spanOf(at(index)),
        cure: "leave it out, or put it before that one",
        also: [{ message: "taken here", at: spanOf(at(by)) }],
      },
    ];
  });
}
