import type { Host } from "@millwright/schema";
import {
  type Diagnostic,
  listed,
  type Suggestions,
  shown,
  suggestionsFrom,
} from "../../diagnostic/diagnostic.ts";
import { allSound, type Draft, type Drafts } from "../draft.ts";
import type { Path } from "../located.ts";
import { counted } from "../names.ts";
import { type Condition, meets, traitOf } from "../where.ts";

const own = ["name", "site", "region"];

/** What `where` asks for is there: a selector that no host meets is a slip of the pen. */
export function selectors({ factories, hosts, whole }: Drafts): readonly Diagnostic[] {
  const known = hosts.flatMap(({ sound }) => sound?.value ?? []);
  // Without any host, placing says so, once for each deployment.
  if (!whole || !allSound(hosts) || known.length === 0) return [];
  const traits = traitsOf(known);
  return factories.flatMap((factory) =>
    Object.entries(factory.value.deployments ?? {}).flatMap(([name, deployment]) => {
      const conditions = Object.entries(deployment?.where ?? {}).flatMap(
        ([key, value]): Condition[] => (value === undefined ? [] : [[key, value]]),
      );
      const path = ["deployments", name, "where"];
      const alone = conditions.flatMap((condition) => unmet(condition, traits, factory, path));
      return alone.length > 0 ? alone : contradicting(conditions, known, factory, path);
    }),
  );
}

/** What hosts say. */
interface Traits {
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
  readonly keys: Suggestions;
  /** The labels that there are, in words. */
  readonly labels: string;
  /** What was meant by a value, and all values in words; by key. */
  readonly valuesOf: (key: string) => { readonly near: Suggestions; readonly all: string };
}

function traitsOf(hosts: readonly Host[]): Traits {
  const traits = new Map<string, Set<string>>(own.map((key) => [key, new Set()]));
  const add = (key: string, value: string | undefined) => {
    const values = traits.get(key);
    if (value === undefined) return;
    if (values === undefined) traits.set(key, new Set([value]));
    else values.add(value);
  };
  for (const host of hosts) {
    for (const key of own) add(key, traitOf(host, key));
    for (const key of Object.keys(host.labels ?? {})) add(key, traitOf(host, key));
  }
  const labels = [...traits.keys()].filter((key) => !own.includes(key));
  const known = new Map<string, ReturnType<Traits["valuesOf"]>>();
  return {
    values: traits,
    keys: suggestionsFrom(traits.keys()),
    labels: labels.length === 0 ? "there are none" : `labels are ${listed(labels)}`,
    valuesOf(key) {
      const values = traits.get(key) ?? [];
      const found = known.get(key) ?? { near: suggestionsFrom(values), all: listed(values) };
      known.set(key, found);
      return found;
    },
  };
}

/** One condition that no host meets, whatever the others say. */
function unmet(
  [key, value]: Condition,
  traits: Traits,
  { spanOf }: Draft<"factory">,
  path: Path,
): readonly Diagnostic[] {
  const values = traits.values.get(key);
  if (values?.has(value)) return [];
  const common = { code: "place/no-host-matches", severity: "error" } as const;
  if (values === undefined) {
    const meant = traits.keys.nearest(key);
    return [
      {
        ...common,
        message: `no host has a label ${shown(key)}; ${traits.labels}`,
        at: spanOf([...path, key], "key"),
        cure:
          meant === undefined
            ? `ask for name, site, region or a label that a host has, or label a host`
            : `did you mean ${shown(meant)}?`,
      },
    ];
  }
  const { near, all } = traits.valuesOf(key);
  const meant = near.nearest(value);
  return [
    {
      ...common,
      message: `${noHost(key, value)}; ${thereAre(key)} ${all}`,
      at: spanOf([...path, key]),
      cure:
        meant === undefined
          ? "name one of these, or enrol such a host"
          : `did you mean ${shown(meant)}?`,
    },
  ];
}

/** Each condition has its hosts, and no host meets all of them. */
function contradicting(
  conditions: readonly Condition[],
  hosts: readonly Host[],
  { spanOf }: Draft<"factory">,
  path: Path,
): readonly Diagnostic[] {
  let left = hosts;
  const before: { message: string; at: ReturnType<typeof spanOf> }[] = [];
  for (const condition of conditions) {
    const [key, value] = condition;
    const at = spanOf([...path, key]);
    const next = left.filter((host) => meets(host, condition));
    if (next.length > 0) {
      left = next;
      before.push({ message: `leaves ${counted(left.length, "host")}`, at });
      continue;
    }
    const values = left.flatMap((host) => traitOf(host, key) ?? []);
    const said = conditions.slice(0, before.length).map((each) => each.map(shown).join(" "));
    return [
      {
        code: "place/no-host-matches",
        severity: "error",
        message: `of ${counted(left.length, "host")} with ${said.join(" and ")}, none has ${shown(key)} ${shown(value)}; ${values.length === 0 ? `${left.length === 1 ? "it has" : "they have"} no such label` : `${left.length === 1 ? "it has" : "they have"} ${listed(values)}`}`,
        at,
        cure: "change one of the two, or label a host",
        also: before,
      },
    ];
  }
  return [];
}

function noHost(key: string, value: string): string {
  return key === "name"
    ? `no host is called ${shown(value)}`
    : `no host has ${shown(key)} ${shown(value)}`;
}

function thereAre(key: string): string {
  if (key === "site") return "hosts are at";
  if (key === "region") return "hosts are in";
  return key === "name" ? "there are" : "hosts have";
}
