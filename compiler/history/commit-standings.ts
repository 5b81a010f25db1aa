import type { Definitions } from "../check/check.ts";
import { Failure } from "../failure.ts";
import { type CommitObject, readCommitObject } from "./commit-object.ts";
import type { DefinitionFiles } from "./definition-files.ts";
import { newSight, type Standing, standingOf } from "./definition-state.ts";
import type { ObjectReader } from "./object-reader.ts";

/** What commits say of a name. Each tree of definitions is read once, however many commits have it. */
export interface CommitStandings {
  standingAt(commit: string): Promise<Standing>;
  /** All definitions of a commit that can be read, read again. */
  definitionsAt(commit: string): Promise<Definitions | undefined>;
  saidBy(commit: string): Promise<CommitObject>;
}

export function commitStandings(
  reader: ObjectReader,
  files: DefinitionFiles,
  name: string,
): CommitStandings {
  const sight = newSight();
  const standings = new Map<string, Standing>();
  const wanted = { kind: undefined, name };

  const saidBy = async (commit: string) => {
    const said = await readCommitObject(reader, commit);
    if (said !== undefined) return said;
    throw new Failure(
      "source/object-missing",
      `git does not have the commit ${commit}: a partial or damaged clone? Run git fetch or git fsck.`,
    );
  };
  return {
    saidBy,
    async standingAt(commit) {
      try {
        const factories = await files.standingIn((await saidBy(commit)).tree);
        const key = `${factories?.mode} ${factories?.id}`;
        const known = standings.get(key);
        if (known !== undefined) return known;
        const standing = standingOf(sight(await files.read(factories)), wanted);
        standings.set(key, standing);
        return standing;
      } catch (error) {
        // What one commit lacks must not hide what the others say.
        if (!(error instanceof Failure) || !error.code.startsWith("source/")) throw error;
        return { kind: "unreadable", why: { code: error.code, message: error.message } };
      }
    },
    async definitionsAt(commit) {
      const factories = await files.standingIn((await saidBy(commit)).tree);
      const stage = sight(await files.read(factories));
      return stage.ok ? stage.value : undefined;
    },
  };
}
