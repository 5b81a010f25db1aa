import type { Kind } from "@millwright/schema";
import type { CommitSaid } from "./commit-object.ts";
import type { CommitStandings } from "./commit-standings.ts";
import type { Standing, State, Why } from "./definition-state.ts";
import { differencesBetween } from "./differences.ts";
import {
  type Change,
  changesBetween,
  type HistoryStep,
  isSameValue,
  type UnreadableStep,
} from "./history-step.ts";
import { renamedFrom } from "./renamed.ts";
import type { HistoryEnd, Told } from "./told.ts";
import type { WalkedCommit } from "./walk.ts";

export interface Trail {
  readonly commits: readonly WalkedCommit[];
  readonly head: string;
  /** The folder as it lies. */
  readonly lying: Standing | undefined;
  readonly kind: Kind | undefined;
  readonly name: string;
  readonly shallow: ReadonlySet<string>;
  readonly most: number;
  readonly allBranches: boolean;
  readonly progress: (looked: number, of: number) => void;
  readonly deadline: AbortSignal;
}

export type Followed =
  | Told
  | { readonly kind: "ambiguous"; readonly kinds: readonly Kind[] }
  | { readonly kind: "unseen"; readonly why: Why | undefined; readonly end: HistoryEnd };

/**
 * Follows a definition back from the newest commit. Where a merge has the value of one side, only that side is
 * followed: what led elsewhere is not how the value came about. A commit is a step when its value is that of none of its
 * parents; parents that cannot be read are looked past.
 */
export async function follow(
  trail: Trail,
  standings: CommitStandings,
  signal: AbortSignal,
): Promise<Followed> {
  const walker = new Walker(trail, standings);
  const { commits, lying, head } = trail;
  const wanted = new Set<string>();
  const [newest] = commits;
  if (lying !== undefined) {
    const choice = walker.choose(lying);
    if (choice !== undefined) return choice;
    await walker.compare(undefined, lying, [newest?.commit ?? head]);
  }
  if (newest !== undefined) wanted.add(newest.commit);
  let end: HistoryEnd = "first";
  for (const [index, { commit, parents }] of commits.entries()) {
    if (!wanted.delete(commit)) continue;
    signal.throwIfAborted();
    if (trail.deadline.aborted || walker.steps.length >= trail.most) {
      wanted.add(commit);
      break;
    }
    trail.progress(index, commits.length);
    const standing = await standings.standingAt(commit);
    const choice = walker.choose(standing);
    if (choice !== undefined) return choice;
    if (trail.shallow.has(commit)) end = "shallow";
    for (const parent of await walker.compare(commit, standing, parents)) wanted.add(parent);
  }
  if (wanted.size > 0) end = walker.steps.length >= trail.most ? "more" : "limit";
  if (!walker.seen) return { kind: "unseen", why: walker.why, end };
  return {
    kind: "told",
    ...(walker.kind && { of: walker.kind }),
    steps: walker.steps.slice(0, trail.most),
    end,
  };
}

/** What was before, as far as it can be read. */
interface Before {
  readonly commit: string;
  readonly states: readonly State[];
}

class Walker {
  readonly steps: HistoryStep[] = [];
  kind: Kind | undefined;
  seen = false;
  why: Why | undefined;
  readonly #trail: Trail;
  readonly #standings: CommitStandings;
  readonly #parents: ReadonlyMap<string, readonly string[]>;
  /** Of a commit, the stretch that a commit after it belongs to. */
  readonly #stretches = new Map<
    string,
    { -readonly [K in keyof UnreadableStep]: UnreadableStep[K] }
  >();
  #chosen = false;

  constructor(trail: Trail, standings: CommitStandings) {
    this.#trail = trail;
    this.#standings = standings;
    this.kind = trail.kind;
    this.#parents = new Map(trail.commits.map(({ commit, parents }) => [commit, parents]));
  }

  /** The newest that can be read says which kind is meant; when it cannot, that. */
  choose(standing: Standing): Followed | undefined {
    if (standing.kind === "unreadable" || this.#chosen) return undefined;
    this.#chosen = true;
    const kinds = this.#statesOf(standing).map(({ kind }) => kind);
    if (kinds.length > 1) return { kind: "ambiguous", kinds };
    this.kind ??= kinds[0];
    return undefined;
  }

  /** Holds a commit (absent: the folder) against its parents; gives those to follow. */
  async compare(
    commit: string | undefined,
    standing: Standing,
    parents: readonly string[],
  ): Promise<readonly string[]> {
    if (standing.kind === "unreadable") {
      await this.#stretch(commit, standing.why, parents);
      return parents;
    }
    const states = this.#statesOf(standing);
    if (states.length > 0) this.seen = true;
    let moved: readonly Change[] | undefined;
    let same: string | undefined;
    const befores: Before[] = [];
    for (const parent of parents)
      for (const before of await this.#before(parent)) {
        befores.push(before);
        const changes = changesBetween(before.states, states);
        if (!isSameValue(changes)) continue;
        same ??= parent;
        moved ??= changes;
        if (changes.length > 0) continue;
        moved = [];
        same = parent;
      }
    if (same === undefined) await this.#changed(commit, states, parents, befores);
    else for (const change of moved ?? []) await this.#push(commit, change);
    return same === undefined || this.#trail.allBranches ? parents : [same];
  }

  async #changed(
    commit: string | undefined,
    states: readonly State[],
    parents: readonly string[],
    [first, ...others]: readonly Before[],
  ): Promise<void> {
    const isEnd = parents.length > 0 || (commit !== undefined && this.#trail.shallow.has(commit));
    const changes = changesBetween(first?.states ?? [], states);
    if ((first?.states.length ?? 0) > 0) this.seen = true;
    for (const whole of changes) {
      const change = ownOf(whole, states, others);
      // A merge took every value from one side or another: each is told where it was made.
      if (change === undefined) continue;
      if (first === undefined && isEnd) {
        await this.#push(commit, { ...change, kind: "earliest" });
        continue;
      }
      const orBefore = first !== undefined && !parents.includes(first.commit);
      const renamed =
        change.kind === "added" && commit !== undefined && first !== undefined
          ? await renamedFrom(this.#standings, change.of, this.#trail.name, first.commit, commit)
          : undefined;
      await this.#push(commit, change, {
        ...(orBefore && { orBefore }),
        ...(renamed !== undefined && { renamedFrom: renamed }),
      });
    }
  }

  async #stretch(commit: string | undefined, why: Why, parents: readonly string[]): Promise<void> {
    this.why ??= why;
    const count = commit === undefined ? 0 : 1;
    let stretch = commit === undefined ? undefined : this.#stretches.get(commit);
    if (stretch === undefined) {
      stretch = { kind: "unreadable", commits: count, why };
      if (commit !== undefined) stretch.commit = await this.#said(commit);
      this.steps.push(stretch);
    } else stretch.commits += count;
    if (commit !== undefined) stretch.oldest = commit;
    // The folder is not committed: its mistakes are no stretch of the history.
    if (commit === undefined) return;
    for (const parent of parents)
      if (!this.#stretches.has(parent)) this.#stretches.set(parent, stretch);
  }

  /** The commit itself where it can be read, otherwise the nearest before it that can. */
  async #before(commit: string): Promise<readonly Before[]> {
    const found: Before[] = [];
    const looked = new Set([commit]);
    for (const each of looked) {
      if (this.#trail.deadline.aborted) break;
      const standing = await this.#standings.standingAt(each);
      if (standing.kind === "readable")
        found.push({ commit: each, states: this.#statesOf(standing) });
      else for (const parent of this.#parents.get(each) ?? []) looked.add(parent);
    }
    return found;
  }

  #statesOf(standing: Standing): readonly State[] {
    if (standing.kind === "unreadable") return [];
    return standing.states.filter(({ kind }) => this.kind === undefined || kind === this.kind);
  }

  async #push(
    commit: string | undefined,
    change: Change,
    more: { readonly orBefore?: true; readonly renamedFrom?: string } = {},
  ): Promise<void> {
    const said = commit === undefined ? {} : { commit: await this.#said(commit) };
    this.steps.push({ ...said, ...change, ...more });
  }

  async #said(commit: string): Promise<CommitSaid> {
    const { tree: _, ...said } = await this.#standings.saidBy(commit);
    return said;
  }
}

/** What a merge decides by itself: values that none of its other parents has either. */
function ownOf(
  change: Change,
  states: readonly State[],
  others: readonly Before[],
): Change | undefined {
  const is = states.find(({ kind }) => kind === change.of);
  if (change.kind !== "changed" || is === undefined || others.length === 0) return change;
  const differing = others.map((other) => {
    const was = other.states.find(({ kind }) => kind === change.of);
    return new Set(differencesBetween(was?.value, is.value).map(({ path }) => path));
  });
  const changes = change.changes.filter(({ path }) => differing.every((each) => each.has(path)));
  return changes.length === 0 ? undefined : { ...change, changes };
}
