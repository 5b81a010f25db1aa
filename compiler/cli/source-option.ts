import { resolve } from "node:path";
import type { Command } from "commander";
import { readCommit, readFolder, type SourceTree } from "../source/source.ts";
import type { Terminal } from "./terminal.ts";

export interface SourceOptions {
  readonly repo: string;
  readonly at?: string;
  readonly worktree?: true;
}

/** `--repo`, and which text of it: a commit, or the folder as it lies. */
export function withSource(command: Command): Command {
  return command
    .option("--repo <path>", "the repository", ".")
    .option("--at <revision>", "read a commit, from git's objects: a branch, a tag, an id")
    .option("--worktree", "read the folder as it lies, uncommitted changes and all");
}

export async function readSource(
  { repo, at, worktree }: SourceOptions,
  fallback: "worktree" | "HEAD",
  { cwd, signal }: Terminal,
): Promise<SourceTree> {
  const root = resolve(cwd, repo);
  const folder = worktree ?? (at === undefined && fallback === "worktree");
  return folder ? readFolder(root, signal) : readCommit(root, at ?? "HEAD", signal);
}
