import type { HostName } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { RELEASES } from "../release/release.ts";
import { readRepository } from "./repository.ts";
import { runGit } from "./run-git.ts";

/** Commits of the branch `releases` that touched the plan of a host, newest first: no more than were asked for. */
export interface ReleaseCommits {
  readonly commits: readonly string[];
  /** The commits at which a shallow clone breaks off. */
  readonly shallow: ReadonlySet<string>;
  /** One of them ends the branch: what came before is not there. */
  readonly isShallow: boolean;
}

/** Throws Failure when there is no branch to read. The branch is a line: what a merge brings is not a revision. */
export async function releaseCommitsOf(
  repository: string,
  host: HostName,
  most: number,
  signal: AbortSignal,
): Promise<ReleaseCommits> {
  const known = await readRepository(repository, signal);
  if (known === undefined)
    throw new Failure(
      "history/no-repository",
      `${repository} is no git repository that can be read. Name one with --repo.`,
    );
  await demandBranch(repository, signal);
  const list = await runGit(
    repository,
    [
      ...["rev-list", "--first-parent", `--max-count=${most}`, RELEASES],
      ...["--", `:(top,literal)plans/${host}.json`],
    ],
    signal,
  );
  if (list.kind !== "said")
    throw new Failure(
      "history/git-failed",
      `git cannot walk the branch releases of ${repository}. Run git fsck, or git fetch.`,
    );
  const commits = list.text.split("\n").filter((line) => line !== "");
  const { shallow } = known;
  const isShallow = shallow.size > 0 && shallow.has(await rootOf(repository, signal));
  return { commits, shallow, isShallow };
}

async function rootOf(repository: string, signal: AbortSignal): Promise<string> {
  const args = ["rev-list", "--first-parent", "--max-parents=0", "--max-count=1", RELEASES];
  const root = await runGit(repository, args, signal);
  return root.kind === "said" ? root.text.trim() : "";
}

async function demandBranch(repository: string, signal: AbortSignal): Promise<void> {
  const args = ["rev-parse", "--verify", "--quiet", `${RELEASES}^{commit}`];
  if ((await runGit(repository, args, signal)).kind === "said") return;
  const pattern = "refs/remotes/*/releases";
  const refs = await runGit(
    repository,
    ["for-each-ref", "--format=%(refname:lstrip=2)", pattern],
    signal,
  );
  const [remote] = refs.kind === "said" ? refs.text.split("\n") : [];
  const from = remote?.split("/").slice(0, -1).join("/") ?? "";
  throw new Failure(
    "history/no-releases",
    from === ""
      ? `${repository} has no branch releases. If it is released elsewhere: git fetch origin releases:releases. If nowhere yet: millwright init, then millwright release.`
      : `${repository} has the branch releases only as ${remote}. Run git fetch ${from} releases:releases.`,
  );
}
