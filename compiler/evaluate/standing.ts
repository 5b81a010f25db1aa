import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { limits, type PassedOver, type SourceTree } from "../source/source.ts";
import type { Run } from "./run.ts";

const HERE = "put the definitions into the repository itself";

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
  const warnings: Diagnostic[] = [];
  for (const { path, what } of passedOver) {
    if (what === "too large") tooLarge(run, path);
    else if (what === "pointer") pointer(run, path);
    else if (what === "bad name") badName(run, path);
    // A definition that is not read takes a host out of the fleet: nobody should find out later.
    else if (/\.(ts|ya?ml)$/.test(path))
      run.refuse("source/passed-over", notFollowed(path, what).message, startOf(path), HERE);
    else warnings.push(notFollowed(path, what));
  }
  return warnings;
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
    `the file has more than ${limits.file.toLocaleString("en")} bytes, and is not read`,
    startOf(path),
    "split it, or move data out of factories/",
  );
}

function pointer(run: Run, path: string): void {
  run.refuse(
    "source/lfs-pointer",
    `${path} is a pointer of Git LFS: its text is not in git`,
    startOf(path),
    `take definitions out of LFS: git lfs untrack ${path}, then add the file again`,
  );
}

function badName(run: Run, path: string): void {
  run.refuse("source/not-utf8", `the name ${path} is not UTF-8`, startOf(path), "rename the file");
}

function notFollowed(path: string, what: PassedOver["what"]): Diagnostic {
  return {
    code: "source/passed-over",
    severity: "warning",
    message: `${path} is a ${what}, and not followed`,
    at: startOf(path),
    cure: HERE,
  };
}

function startOf(file: string) {
  return { file, start: 0, end: 0 };
}
