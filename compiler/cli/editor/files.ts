import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { authorDeclarations } from "@millwright/schema";
import { Failure } from "../../failure.ts";
import { jsonSchemas } from "./json-schemas.ts";
import { SCHEMAS, settingsFiles } from "./settings.ts";

/** Writes the schemas and the declaration file into a folder, over those of another version. Gives their names. */
export async function writeSchemas(root: string, folder: string): Promise<readonly string[]> {
  await demandNoLinks(root, relative(root, folder));
  const schemas = [...jsonSchemas()].map(([name, schema]) => [name, textOf(schema)] as const);
  const all = [...schemas, ["schema.d.ts", authorDeclarations()] as const];
  await mkdir(folder, { recursive: true });
  for (const [name, text] of all) {
    // A repository may hold a link of this name: what it leads to is not ours to write over.
    await rm(join(folder, name), { force: true });
    await writeFile(join(folder, name), text, { flag: "wx" });
  }
  return all.map(([name]) => name);
}

/** What was there already, and what it should hold. */
export interface Left {
  readonly path: string;
  readonly wanted: string;
}

/** What was written, and what was there already and is left as it is. */
export interface Laid {
  readonly written: readonly string[];
  readonly left: readonly Left[];
}

/** Throws Failure when a link stands where files for editors would go: they would land wherever it leads. */
export async function demandPlainFolders(repository: string): Promise<void> {
  for (const folder of [SCHEMAS, ...settingsFiles.map(({ path }) => dirname(path))])
    await demandNoLinks(repository, folder);
}

/** Lays schemas and settings where there are none. What is there is left as it is. */
export async function layFiles(repository: string): Promise<Laid> {
  await demandPlainFolders(repository);
  const written: string[] = [];
  const left: Left[] = [];
  if (await isThere(join(repository, SCHEMAS)))
    left.push({ path: SCHEMAS, wanted: "what millwright schema writes" });
  else {
    await writeSchemas(repository, join(repository, SCHEMAS));
    written.push(SCHEMAS);
  }
  for (const { path, content, wanted } of settingsFiles) {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    if (await isWritten(join(repository, path), textOf(content))) written.push(path);
    else left.push({ path, wanted });
  }
  return { written, left };
}

async function demandNoLinks(root: string, path: string): Promise<void> {
  const parts = path.split(sep);
  // Whoever names a folder elsewhere means what it leads to.
  if (parts[0] === "..") return;
  for (let length = 1; length <= parts.length; length += 1) {
    const folder = join(root, ...parts.slice(0, length));
    if ((await lstatOf(folder))?.isSymbolicLink())
      throw new Failure(
        "cli/link",
        `${folder} is a link, and nothing is written through links of a repository. Replace it with a folder.`,
      );
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstatOf(path)) !== undefined;
}

async function lstatOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** `false` where something of this name is there already, be it a link that leads nowhere. */
async function isWritten(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function textOf(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
