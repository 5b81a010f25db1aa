/** The generated repository on the disk: two commits that differ in one model. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { filesAfter, filesOf, type Size } from "./repository.ts";

export interface Repository extends Disposable {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export function repositoryOf(size: Size): Repository {
  const path = mkdtempSync(join(tmpdir(), "millwright-bench-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", path, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const commit = (files: ReadonlyMap<string, string>) => {
    for (const [file, text] of files) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    git("add", ".");
    git("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "-qm", "bench");
    return git("rev-parse", "HEAD");
  };
  git("init", "-q");
  const before = commit(filesOf(size));
  const after = commit(filesAfter(size));
  // As a clone has it.
  git("repack", "-adq");
  return { path, before, after, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
