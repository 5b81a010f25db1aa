/** What an editor knows of a repository after `millwright init` alone: asked of the language service that editors use. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { Project, ts } from "ts-morph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gitIn, millwright, temporary } from "./cli-kit.ts";

const example = join(import.meta.dirname, "../../factories");

/** An empty git repository in which only `millwright init` was run. */
async function initialised(parent: string): Promise<string> {
  const folder = join(parent, "mills");
  mkdirSync(folder);
  gitIn(folder)("init", "-q", "-b", "main");
  const made = await millwright(folder, "init", "--json");
  expect(made.code, made.err).toBe(0);
  return folder;
}

/** The example's definitions in TypeScript, as somebody writes them into a repository of their own. */
async function authored(parent: string): Promise<Editor> {
  const folder = await initialised(parent);
  for (const name of ["data.ts", "fleet.ts", "models.ts", "support.ts", "hosts"])
    cpSync(join(example, name), join(folder, "factories", name), { recursive: true });
  return editorIn(folder);
}

type Editor = ReturnType<typeof editorIn>;

/** An editor that has opened the folder `factories/`. Places are named by the file and what stands there. */
function editorIn(folder: string) {
  const project = new Project({ tsConfigFilePath: join(folder, "factories/tsconfig.json") });
  const service = project.getLanguageService().compilerObject;
  const path = (file: string) => join(folder, "factories", file);
  const textOf = (file: string) => readFileSync(path(file), "utf8");
  const placeOf = (file: string, text: string) => {
    const at = textOf(file).indexOf(text);
    if (at < 0) throw new Error(`${file} does not hold ${text}`);
    return at;
  };
  const shown = (file: string, { start }: ts.TextSpan) =>
    readFileSync(file, "utf8").slice(start).split("\n")[0];
  return {
    folder,
    hover(file: string, text: string) {
      const info = service.getQuickInfoAtPosition(path(file), placeOf(file, text));
      return {
        type: ts.displayPartsToString(info?.displayParts),
        text: ts.displayPartsToString(info?.documentation),
        tags: (info?.tags ?? []).map(({ name, text: said }) => [
          name,
          ts.displayPartsToString(said),
        ]),
      };
    },
    definition: (file: string, text: string) =>
      (service.getDefinitionAtPosition(path(file), placeOf(file, text)) ?? []).map(
        ({ fileName, textSpan }) => [basename(fileName), shown(fileName, textSpan)],
      ),
    renamed: (file: string, text: string) =>
      (service.findRenameLocations(path(file), placeOf(file, text), false, false, {}) ?? []).map(
        ({ fileName }) => basename(fileName),
      ),
    completions(file: string, text: string) {
      project.createSourceFile(path(file), text.replace("|", ""), { overwrite: true });
      const at = text.indexOf("|");
      const found = service.getCompletionsAtPosition(path(file), at, {});
      return found?.entries.map(({ name }) => name) ?? [];
    },
    errors(file: string, text?: string) {
      if (text !== undefined) project.createSourceFile(path(file), text, { overwrite: true });
      const source = project.getSourceFileOrThrow(path(file)).getFullText();
      return [
        ...service.getSyntacticDiagnostics(path(file)),
        ...service.getSemanticDiagnostics(path(file)),
      ].map(({ start = 0, length = 0, messageText }) => ({
        at: source.slice(start, start + length),
        message: ts.flattenDiagnosticMessageText(messageText, " "),
      }));
    },
    files: () => project.getSourceFiles().map((source) => source.getFilePath()),
  };
}

describe("TypeScript, in a repository where only init was run", () => {
  let editor: Editor;
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "millwright-editor-")));
  beforeAll(async () => {
    editor = await authored(parent);
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  test("sound definitions have no error, and nothing outside the repository is read", () => {
    for (const file of ["data.ts", "fleet.ts", "models.ts", "support.ts", "hosts/frankfurt.ts"])
      expect(editor.errors(file)).toEqual([]);
    expect(
      editor.files().filter((file) => !file.startsWith(`${editor.folder}/factories/`)),
    ).toEqual([]);
  });

  test("a field says on hover what it is for, and in which unit", () => {
    expect(editor.hover("support.ts", "replicas:").text).toBe(
      "How many instances; one when absent.\n\nA whole number from 1 to 10,000.",
    );
    expect(editor.hover("support.ts", "context:").text).toContain("Tokens of context");
    expect(editor.hover("support.ts", "keep:").text).toContain("`ms`, `s`, `m`, `h` or `d`");
    expect(editor.hover("hosts/frankfurt.ts", "gateway:").text).toContain("callers reach");
    expect(editor.hover("support.ts", "spread:").type).toContain('"host" | "site"');
  });

  test("an author function shows a whole example on hover", () => {
    const { text, tags } = editor.hover("support.ts", "factory({");
    expect(text).toContain("A production line");
    expect(tags).toEqual([["example", expect.stringContaining("deployments: {")]]);
  });

  test("a reference leads to the definition, and a field to its documentation", () => {
    expect(editor.definition("support.ts", "mailTriage,")).toEqual([
      ["models.ts", "mailTriage = model({"],
    ]);
    expect(editor.definition("support.ts", "supportMail]")).toEqual([
      ["data.ts", "supportMail = dataset({"],
    ]);
    expect(editor.definition("support.ts", "replicas:")).toEqual([
      ["schema.d.ts", "replicas?: number;"],
    ]);
  });

  test("a definition is renamed in all files that use it", () => {
    expect([...new Set(editor.renamed("models.ts", "mailTriage = "))].sort()).toEqual([
      "models.ts",
      "support.ts",
    ]);
    expect(editor.renamed("data.ts", "supportMail = ")).toHaveLength(5);
  });

  test("a deployment that is being written is offered its fields, and what they take", () => {
    const start =
      'import { factory } from "@millwright/schema";\nexport const f = factory({ name: "f", owner: "o", ';
    const fields = editor.completions("new.ts", `${start}deployments: { x: { | } } });`);
    expect(fields).toEqual(
      expect.arrayContaining([
        "model",
        "context",
        "replicas",
        "gpus",
        "where",
        "spread",
        "upgrade",
      ]),
    );
    expect(fields).not.toContain("name");
    const spread = editor.completions("new.ts", `${start}deployments: { x: { spread: "|" } } });`);
    expect(spread).toEqual(["host", "site"]);
    expect(editor.completions("new.ts", `${start}| });`)).toEqual(
      expect.arrayContaining(["deployments", "routes", "feedback", "reads"]),
    );
  });

  test("a mistake is underlined where it stands", () => {
    const wrong = (deployment: string) =>
      editor.errors(
        "wrong.ts",
        `import { factory } from "@millwright/schema";
import { mailTriage, mailTriageCare } from "./models.ts";
export const f = factory({ name: "f", owner: "o", deployments: { x: ${deployment} } });
export const used = [mailTriage, mailTriageCare];
`,
      );
    expect(wrong("{ model: mailTriage, context: 512 }")).toEqual([]);
    expect(wrong("{ model: mailTriage, contxt: 512, context: 512 }")).toMatchObject([
      { at: "contxt", message: expect.stringContaining("'context'") },
    ]);
    expect(wrong("{ model: mailTriageCare, context: 512 }")).toMatchObject([{ at: "model" }]);
    expect(wrong("{ model: mailTriage, context: '512' }")).toMatchObject([{ at: "context" }]);
    expect(wrong("{ model: mailTriage }")).toMatchObject([
      { at: "x", message: expect.stringContaining("context") },
    ]);
  });

  test("TypeScript 7 finds the same: nothing in what is sound, and an import without its ending", () => {
    const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc");
    const check = () =>
      spawnSync(process.execPath, [tsc, "-p", "factories"], {
        cwd: editor.folder,
      }).stdout.toString();
    expect(check()).toBe("");
    const wrong = join(editor.folder, "factories/wrong.ts");
    writeFileSync(
      wrong,
      'import { mailTriage } from "./models";\nexport const a = [mailTriage];\n',
    );
    expect(check()).toMatch(
      /^factories\/wrong.ts\(1,28\): error TS2835: .*explicit file extensions/,
    );
    rmSync(wrong);
  });

  test("what init laid is passed over by check", async () => {
    cpSync(join(example, "models.lock.yaml"), join(editor.folder, "factories/models.lock.yaml"));
    const { code, err } = await millwright(editor.folder, "check", "--no-types");
    expect({ code, err }).toMatchObject({ code: 0 });
  });
});

describe("what init lays for editors", () => {
  test("all that an editor needs, by paths that hold in every clone", async () => {
    const folder = await initialised(temporary());
    const settings = JSON.parse(readFileSync(join(folder, ".vscode/settings.json"), "utf8"));
    const [[schema = "", files] = []] = Object.entries<string[]>(settings["yaml.schemas"]);
    expect(existsSync(join(folder, schema))).toBe(true);
    expect(files).toEqual([
      "/factories/**/*.yaml",
      "/factories/**/*.yml",
      "!/factories/models.lock.yaml",
    ]);
    expect(JSON.parse(readFileSync(join(folder, ".vscode/extensions.json"), "utf8"))).toEqual({
      recommendations: ["redhat.vscode-yaml"],
    });
    const laid = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => !path.startsWith(".git/") && path.includes("."),
    );
    for (const path of laid.filter((each) => /\.(json|ts)$/.test(each)))
      expect(readFileSync(join(folder, path), "utf8")).not.toContain(folder);
  });

  test("nothing that is there is touched, and what it should hold is said", async () => {
    const folder = temporary();
    gitIn(folder)("init", "-q", "-b", "main");
    mkdirSync(join(folder, ".vscode"));
    writeFileSync(join(folder, ".vscode/settings.json"), "// mine\n{}\n");
    symlinkSync("nowhere.json", join(folder, ".vscode/extensions.json"));
    const { code, err } = await millwright(folder, "init", "--editor");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, ".vscode/settings.json"), "utf8")).toBe("// mine\n{}\n");
    expect(existsSync(join(folder, ".vscode/nowhere.json"))).toBe(false);
    expect(err).toContain(".vscode/settings.json is there already");
    expect(err).toContain('"yaml.schemas"');
    expect(err).toContain("redhat.vscode-yaml");
    const again = await millwright(folder, "init", "--editor", "--json");
    expect(again.json()).toMatchObject({ editor: { written: [], left: { length: 5 } } });
  });

  test("--editor needs no git and makes no keys; a folder that is not there is not made", async () => {
    const folder = temporary();
    const { code, json } = await millwright(folder, "init", "--editor", "--json");
    expect(code).toBe(0);
    expect(json()).toMatchObject({ editor: { left: [] } });
    expect(readdirSync(folder).sort()).toEqual([".vscode", "factories"]);
    const missing = await millwright(folder, "init", "--editor", "--repo", "missing");
    expect(missing.code).toBe(3);
    expect(existsSync(join(folder, "missing"))).toBe(false);
  });

  test("through a link nothing is written, and no key is made before that is known", async () => {
    const folder = join(temporary(), "mills");
    const outside = temporary();
    mkdirSync(folder);
    gitIn(folder)("init", "-q", "-b", "main");
    symlinkSync(outside, join(folder, ".vscode"));
    const keys = join(folder, "../keys");
    const { code, err } = await millwright(folder, "init", "--keys", keys);
    expect(code).toBe(3);
    expect(err).toContain("error[cli/link]: ");
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(keys)).toBe(false);
  });
});
