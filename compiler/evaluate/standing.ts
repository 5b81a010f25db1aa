import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { limits, type PassedOver, type SourceTree } from "../source/source.ts";
import type { Run } from "./run.ts";

/** What is wrong with how the files stand, before any is read. */
export function checkFiles(
  run: Run,
  { files, passedOver = [] }: SourceTree,
): readonly Diagnostic[] {
  const seen = new Map<string, string>();
  for (const path of [...files.keys()].sort()) {
    // As file systems that see no difference fold names: without case, and composed.
    const folded = path.normalize("NFC").toLowerCase();
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, path);
    else caseOnly(run, path, first);
  }
  for (const { path, what } of passedOver) if (what === "too large") tooLarge(run, path);
  return passedOver.filter(({ what }) => what !== "too large").map(notFollowed);
}

function caseOnly(run: Run, path: string, first: string): void {
  run.refuse(
    "source/case-only",
    `${path} differs from ${first} in case alone`,
    startOf(path),
    "rename one of them",
    [{ message: "the other one", at: startOf(first) }],
  );
}

export function tooLarge(run: Run, path: string): void {
  run.refuse(
    "source/too-large",
    `${path} has more than ${limits.file.toLocaleString("en")} bytes, and is not read`,
    startOf(path),
    "split it, or move data out of factories/",
  );
}

function notFollowed({ path, what }: PassedOver): Diagnostic {
  return {
    code: "source/passed-over",
    severity: "warning",
    message: `${path} is a ${what}, and not followed`,
    at: startOf(path),
    cure: "put the definitions into the repository itself",
  };
}

function startOf(file: string) {
  return { file, start: 0, end: 0 };
}
