export const pushOption = [
  "--push [remote]",
  "push the branch afterwards, or what waits for signatures",
] as const;

/** All that waits for signatures. */
const WAITING = "+refs/millwright/*:refs/millwright/*";

/**
 * Pushes what came of a release, a signature or a rotation. What is published outdates all that waited, so that is taken
 * away from the remote as it was here.
 */
export async function pushReleased(
  repository: string,
  remote: string | true,
  kind: "published" | "pending",
): Promise<void> {
  const { simpleGit } = await import("simple-git");
  const to = remote === true ? "origin" : remote;
  const args =
    kind === "published"
      ? ["--prune", to, "refs/heads/releases:refs/heads/releases", WAITING]
      : [to, WAITING];
  await simpleGit(repository).raw(["push", ...args]);
}
