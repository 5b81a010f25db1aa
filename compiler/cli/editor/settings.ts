/** Where the schemas and the declaration file lie in a repository. */
export const SCHEMAS = "factories/schemas";

/** A file by which an editor finds the schemas, or knows how to read definitions. */
interface SettingsFile {
  readonly path: string;
  readonly content: object;
  /** Which part of the content matters, for whoever has such a file already. */
  readonly wanted: string;
}

/** What `millwright init` lays beside the definitions. Relative paths, so that a clone works wherever it lies. */
export const settingsFiles: readonly SettingsFile[] = [
  {
    path: "factories/tsconfig.json",
    // What `millwright check` takes definitions for, so that both find the same errors.
    content: {
      compilerOptions: {
        target: "es2024",
        module: "nodenext",
        lib: ["es2024"],
        types: [],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        erasableSyntaxOnly: true,
        verbatimModuleSyntax: true,
        allowImportingTsExtensions: true,
        paths: { "@millwright/schema": ["./schemas/schema.d.ts"] },
      },
      include: ["**/*.ts"],
    },
    wanted: 'compilerOptions.paths: { "@millwright/schema": ["./schemas/schema.d.ts"] }',
  },
  {
    path: "factories/package.json",
    content: { private: true, type: "module" },
    wanted: 'type: "module"',
  },
  {
    path: ".vscode/settings.json",
    content: {
      "yaml.schemas": {
        [`${SCHEMAS}/definition.schema.json`]: [
          "/factories/**/*.yaml",
          "/factories/**/*.yml",
          "!/factories/models.lock.yaml",
        ],
      },
    },
    wanted: `"yaml.schemas": { "${SCHEMAS}/definition.schema.json": ["/factories/**/*.yaml", "/factories/**/*.yml", "!/factories/models.lock.yaml"] }`,
  },
  {
    path: ".vscode/extensions.json",
    content: { recommendations: ["redhat.vscode-yaml"] },
    wanted: 'recommendations: ["redhat.vscode-yaml"]',
  },
];
