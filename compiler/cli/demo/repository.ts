import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { simpleGit } from "simple-git";
import { Failure } from "../../failure.ts";

/** Copies the example organisation and makes a git repository of it. */
export async function makeRepository(example: string, root: string): Promise<void> {
  const unwanted = new Set(["node_modules", "package.json"]);
  await cp(example, join(root, "factories"), {
    recursive: true,
    filter: (path) => !unwanted.has(basename(path)),
  });
  const git = simpleGit(root);
  await git.init(["--initial-branch=main"]);
  await git.addConfig("user.name", "Ada of Acme");
  await git.addConfig("user.email", "ada@acme.example");
  await commit(root, "The organisation");
}

/** Commits everything below `factories/`. Returns the commit's id. */
export async function commit(root: string, message: string): Promise<string> {
  const git = simpleGit(root);
  await git.add("factories");
  await git.commit(message);
  return (await git.revparse(["HEAD"])).trim();
}

/** A person's edit: what matches becomes `text`. Fails when nothing matches, for then the example has changed. */
export async function edit(
  root: string,
  file: string,
  from: string | RegExp,
  to: string,
): Promise<void> {
  const path = join(root, "factories", file);
  const before = await readFile(path, "utf8");
  const after = before.replace(from, to);
  if (after === before)
    throw new Failure(
      "demo/example-changed",
      `factories/${file} does not hold ${from}. The demo edits the example that comes with it: restore it with git.`,
    );
  await writeFile(path, after);
}
