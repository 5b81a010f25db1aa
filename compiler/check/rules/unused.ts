import type { Kind } from "@millwright/schema";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { allSound, type Draft, type Drafts } from "../draft.ts";
import type { Mention } from "../refer.ts";

/** What nobody uses is still fetched, locked and read by reviewers. */
export function unused(drafts: Drafts): readonly Diagnostic[] {
  const { models, adapters, datasets, factories, whole } = drafts;
  // A part that is missing may be what uses it.
  if (!whole || !allSound(factories) || !allSound(adapters)) return [];
  const mentions = [...factories, ...adapters].flatMap((draft) => draft.mentions);
  // What only an unused adapter uses is mended with it.
  const isUsed = usersOf(drafts, mentions);
  const grown = candidatesOf(factories);
  return [
    ...models.filter((model) => !isUsed(model)).map((model) => inWords(model, "deployment")),
    ...adapters
      .filter((adapter) => !isUsed(adapter) && !grown(adapter))
      .map((adapter) => inWords(adapter, "deployment")),
    ...datasets
      .filter((dataset) => !isUsed(dataset))
      .map((dataset) => inWords(dataset, "factory or adapter")),
  ];
}

/** What is mentioned; and of a kind of which a mention leads nowhere, everything: it may be what was meant. */
function usersOf(
  { models, adapters, datasets, exported }: Drafts,
  mentions: readonly Mention[],
): (draft: Draft<Kind>) => boolean {
  const declared = keysOf([...models, ...adapters, ...datasets]);
  const used = new Set<string>();
  const inDoubt = new Set<Kind>();
  for (const { kind, name, passed } of mentions) {
    used.add(`${kind} ${name}`);
    if (passed !== undefined) used.add(`${passed.kind} ${name}`);
    const leads =
      passed === undefined
        ? declared.has(`${kind} ${name}`)
        : passed.kind === kind && exported.has(passed.value);
    if (!leads) inDoubt.add(kind);
  }
  // What is broken is mended first.
  return ({ kind, name, sound }) =>
    sound === undefined || inDoubt.has(kind) || used.has(`${kind} ${name}`);
}

function keysOf(drafts: readonly Draft<Kind>[]): ReadonlySet<string> {
  return new Set(drafts.map(({ kind, name }) => `${kind} ${name}`));
}

/** Adapters that learned from the data of a factory that runs their model: what corrections came to, waiting to be used. */
function candidatesOf(
  factories: readonly Draft<"factory">[],
): (adapter: Draft<"adapter">) => boolean {
  /** What data the factories read that run a model. */
  const read = new Map<string, Set<string>>();
  for (const { value } of factories) {
    for (const deployment of Object.values(value.deployments ?? {})) {
      const model = deployment?.model;
      if (model === undefined) continue;
      const datasets = read.get(model) ?? new Set();
      for (const dataset of value.reads ?? []) if (dataset !== undefined) datasets.add(dataset);
      read.set(model, datasets);
    }
  }
  return ({ value: { base = "", trainedOn = [] } }) =>
    trainedOn.some((dataset) => dataset !== undefined && read.get(base)?.has(dataset));
}

function inWords({ kind, name, at }: Draft<Kind>, user: string): Diagnostic {
  return {
    code: "check/unused",
    severity: "warning",
    message: `no ${user} uses the ${kind} ${name}`,
    at,
    cure: "use it, or delete it",
  };
}
