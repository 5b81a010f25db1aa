import type { Kind } from "@millwright/schema";
import type { CommitStandings } from "./commit-standings.ts";
import { ofKind } from "./definition-state.ts";
import { differencesBetween } from "./differences.ts";

/** The definition that went when this one came, with the same value but for its name; none, when several did. */
export async function renamedFrom(
  standings: CommitStandings,
  kind: Kind,
  name: string,
  before: string,
  after: string,
): Promise<string | undefined> {
  const [was, is] = [await standings.definitionsAt(before), await standings.definitionsAt(after)];
  if (was === undefined || is === undefined) return undefined;
  const now = ofKind(is, kind);
  const value = now.get(name)?.value;
  const gone = [...ofKind(was, kind)].filter(
    ([other, found]) =>
      !now.has(other) &&
      differencesBetween(found.value, value).every(({ path }) => path === "name"),
  );
  return gone.length === 1 ? gone[0]?.[0] : undefined;
}
