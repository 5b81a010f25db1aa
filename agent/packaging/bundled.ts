import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { minify } from "rolldown/utils";
import type { Entry } from "./tar.ts";

type File = Extract<Entry, { kind: "file" }>;

/** Where what a program loads later lies. As deep as the folders of most programs, and of no other use. */
const PARTS = "agent/parts";
/** What a place in the sources is called until it is known in which file it ends up. */
const place = /@place:([\w/-]*)@/g;

/**
 * The programs of a tree, each with all that it needs in a few files: V8 keeps the source of everything it has loaded,
 * comments too, and eight hundred modules cost an agent 6 MB. Names and lines stay, so that a stack trace still tells
 * where; and all is ASCII, since one letter beyond Latin-1 makes V8 keep a file in two bytes a character.
 *
 * `packages` are those that find files of their own beside them. They are imported from where they are.
 */
export async function bundled(
  programs: readonly string[],
  entries: readonly Entry[],
  packages: readonly string[],
): Promise<readonly Entry[]> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-bundle-"));
  try {
    await layDown(entries.filter(isRead), folder);
    const found = new Map<string, File>();
    // Each by itself: no program may break by what another one shares with it.
    for (const program of programs)
      for (const file of await bundle(folder, program, packages)) found.set(file.path, file);
    return [...found.values()];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isRead({ path, kind }: Entry): boolean {
  return kind === "link" || /\.(js|mjs|cjs|json)$/.test(path);
}

async function layDown(entries: readonly Entry[], folder: string): Promise<void> {
  for (const entry of entries) {
    const path = join(folder, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.kind === "link") await symlink(entry.target, path);
    if (entry.kind === "file") await writeFile(path, entry.bytes);
  }
}

async function bundle(
  folder: string,
  program: string,
  packages: readonly string[],
): Promise<readonly File[]> {
  await using build = await rolldown({
    input: { [program.replace(/\.js$/, "")]: join(folder, program) },
    platform: "node",
    external: packages.map((name) => new RegExp(`^${name}(/|$)`)),
    cwd: folder,
    logLevel: "silent",
    plugins: [{ name: "places", transform: (code, id) => placed(code, relative(folder, id)) }],
  });
  const { output } = await build.generate({
    format: "esm",
    chunkFileNames: `${PARTS}/[name]-[hash].js`,
  });
  return Promise.all(
    output.map(async (file) => {
      if (file.type !== "chunk") throw new Error(`${file.fileName} of ${program} is no code`);
      const code = settled(file.code, dirname(file.fileName));
      return fileOf(file.fileName, await bare(file.fileName, code));
    }),
  );
}

/** Without comments, each statement on a line of its own, all in ASCII. */
async function bare(name: string, code: string): Promise<string> {
  const { code: text, errors } = await minify(name, code, {
    ...{ module: true, compress: false, mangle: false },
    codegen: { removeWhitespace: false, asciiOnly: true, legalComments: "none" },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors.map((e) => e.message).join("; ")}`);
  return text;
}

/** Our sources look for others beside them, whichever file they end up in. */
function placed(code: string, path: string): string | undefined {
  if (!/^agent\/.*\.js$/.test(path) || !code.includes("import.meta.")) return undefined;
  const here = `@place:${dirname(path)}@`;
  return code
    .replaceAll("import.meta.dirname", `(import.meta.dirname + "/${here}")`)
    .replaceAll('import.meta.resolve("./', `import.meta.resolve("${here}/`);
}

function settled(code: string, folder: string): string {
  return code.replaceAll(place, (_, target: string) => {
    const way = relative(folder, target);
    return way.startsWith("..") ? way : `./${way}`;
  });
}

function fileOf(path: string, text: string): File {
  return { kind: "file", path, mode: 0o644, bytes: Buffer.from(text) };
}
