import type { Kind } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { readCommit, readFolder } from "../source/source.ts";
import { type CommitStandings, commitStandings } from "./commit-standings.ts";
import { DefinitionFiles } from "./definition-files.ts";
import {
  namesIn,
  newSight,
  type Standing,
  standingOf,
  type Wanted,
  type Why,
} from "./definition-state.ts";
import { follow } from "./follow.ts";
import { ObjectReader } from "./object-reader.ts";
import { type Repository, readRepository } from "./repository.ts";
import type { HistoryEnd, Told } from "./told.ts";
import { walk } from "./walk.ts";

export interface HistoryRequest extends Wanted {
  readonly repository: string;
  /** Anything that git understands; absent: HEAD, and what is not committed yet on top. */
  readonly at?: string | undefined;
  /** Steps that are wanted. */
  readonly most: number;
  /** Also what happened on branches whose value no merge took. */
  readonly allBranches?: boolean;
  /** Told now and then how many commits have been looked at. */
  readonly progress?: (looked: number, of: number) => void;
  readonly limits?: Limits;
}

export interface Limits {
  /** Commits that touched the definitions. */
  readonly commits: number;
  /** Milliseconds in which git lists them. */
  readonly listingMs: number;
  /** Milliseconds in which they are read. */
  readonly readingMs: number;
}

const usual: Limits = { commits: 5_000, listingMs: 60_000, readingMs: 120_000 };

export type DefinitionHistory =
  | Told
  /** Several kinds have the name: one must be chosen. */
  | { readonly kind: "ambiguous"; readonly kinds: readonly Kind[] }
  /** No commit that could be read has it. */
  | {
      readonly kind: "unknown";
      /** What there is, as `kind/name`. */
      readonly names: readonly string[];
      /** Why the newest of the commits that could not be read cannot be. */
      readonly unreadable?: Why;
      readonly end: HistoryEnd;
    };

/** The commits at which the value of a definition changed: by what it came to, not by how it was written. */
export async function definitionHistory(
  request: HistoryRequest,
  signal: AbortSignal,
): Promise<DefinitionHistory> {
  const { repository, at, kind, name, limits = usual } = request;
  // Read the usual way, so that what is wrong with the repository is said in the usual words.
  const head = await readCommit(repository, at ?? "HEAD", signal);
  const known = await readRepository(repository, signal);
  if (head.at === undefined || known === undefined)
    throw new Error("impossible: a commit was read from no repository");
  const lying =
    at === undefined ? await folderAsItLies(repository, known, request, signal) : undefined;
  const commits = await walk(repository, head.at.commit, limits.commits, limits.listingMs, signal);
  await using reader = new ObjectReader(repository, signal);
  const files = new DefinitionFiles(reader, head.repository, known.folder);
  const standings = commitStandings(reader, files, name);
  const found = await follow(
    {
      commits,
      head: head.at.commit,
      lying,
      kind,
      shallow: known.shallow,
      most: request.most,
      allBranches: request.allBranches ?? false,
      progress: request.progress ?? (() => undefined),
      deadline: AbortSignal.timeout(limits.readingMs),
      name,
    },
    standings,
    signal,
  );
  if (found.kind !== "unseen") return found;
  const names = await namesAt(standings, head.at.commit);
  return { kind: "unknown", names, end: found.end, ...(found.why && { unreadable: found.why }) };
}

async function folderAsItLies(
  repository: string,
  { bare }: Repository,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Standing | undefined> {
  if (bare) return undefined;
  try {
    const tree = await readFolder(repository, signal);
    return standingOf(newSight()(tree), { kind: undefined, name: wanted.name });
  } catch (error) {
    // Without the folder, as in a sparse checkout, there is nothing to compare.
    if (error instanceof Failure && error.code === "source/no-factories") return undefined;
    throw error;
  }
}

async function namesAt(standings: CommitStandings, commit: string): Promise<readonly string[]> {
  const definitions = await standings.definitionsAt(commit);
  return definitions === undefined ? [] : namesIn(definitions);
}
