/**
 * The whole compiler on one screen: text → values → definitions → places → proofs → plans, under policies.
 *
 * In: a source tree. Out: a plan for every host, and the root of the tree over them; or everything that is wrong.
 * Promise: pure, so the same tree gives the same bytes on any machine, at any time.
 */
import { check, checker, type Definitions } from "./check/check.ts";
import { andThen, type Diagnostic, refused, type Stage, stageOf } from "./diagnostic/diagnostic.ts";
import { evaluated, newMemory } from "./evaluate/evaluate.ts";
import { lockReader, readLock } from "./lock/lock.ts";
import { place } from "./place/place.ts";
import { compilePolicies, judgeDefinitions, judgePlans, policyCompiler } from "./policy/policy.ts";
import { type Rendered, render, renderer } from "./render/render.ts";
import type { SourceTree } from "./source/source.ts";
import { type Proved, prove } from "./sovereignty/sovereignty.ts";

export interface Compiled extends Rendered {
  readonly definitions: Definitions;
  /** Where everything stands, and that its data may be there. */
  readonly proved: Proved;
  /** SHA-256 of the lock, 64 hex digits; absent when there is none. */
  readonly lock: string | undefined;
}

export function compile(tree: SourceTree): Stage<Compiled> {
  return compiled(tree, { evaluated, check, compilePolicies, readLock, render });
}

/** Compiles again and again, as files are edited: the same results as `compile`, for the price of what has changed. */
export interface Session {
  compile(tree: SourceTree): Stage<Compiled>;
}

export function newSession(): Session {
  const memory = newMemory();
  const stages: Stages = {
    evaluated: (tree) => evaluated(tree, memory),
    check: checker(),
    compilePolicies: policyCompiler(),
    readLock: lockReader(),
    render: renderer(),
  };
  return { compile: (tree) => compiled(tree, stages) };
}

/** The stages that may remember what they have done. */
interface Stages {
  readonly evaluated: (tree: SourceTree) => ReturnType<typeof evaluated>;
  readonly check: typeof check;
  readonly compilePolicies: typeof compilePolicies;
  readonly readLock: typeof readLock;
  readonly render: typeof render;
}

function compiled(
  tree: SourceTree,
  { evaluated, check, compilePolicies, readLock, render }: Stages,
): Stage<Compiled> {
  const { found, ...values } = evaluated(tree);
  return andThen(beside(found, check(values)), (sound) => {
    const { policies, problems } = compilePolicies(sound);
    const rendered = andThen(readLock(tree), (lock) => {
      const proved = andThen(place(sound, lock), (placement) => prove(sound, placement));
      return andThen(proved, (proof) =>
        andThen(render(sound, proof), (plans) =>
          stageOf(
            { ...plans, definitions: sound, proved: proof, lock: lock?.sha256 },
            judgePlans(policies, sound, plans.plans),
          ),
        ),
      );
    });
    return beside([...problems, ...judgeDefinitions(policies, sound)], rendered);
  });
}

/** A slip in one file hides nothing that is wrong in the others. */
function beside<T>(found: readonly Diagnostic[], stage: Stage<T>): Stage<T> {
  return stage.ok
    ? stageOf(stage.value, [...found, ...stage.warnings])
    : refused([...found, ...stage.problems]);
}
