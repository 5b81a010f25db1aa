import { resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";

/** Writes what editors need: a JSON Schema for each kind and for any definition, and one declaration file. */
export const schemaCommand: AddCommand = (program, context) => {
  program
    .command("schema")
    .description(
      "write what editors need: JSON Schemas for YAML, a declaration file for TypeScript",
    )
    .option("-o, --output <folder>", "where to", "factories/schemas")
    .option("--json", "print the schema for any definition instead of writing files")
    .option("--types", "print the declaration file instead of writing files")
    .addHelpText(
      "after",
      "\nRun it again after an upgrade: the files belong to the version that wrote them.\n\nExample:\n  $ millwright schema",
    )
    .action(async ({ output, json, types }: { output: string; json?: true; types?: true }) => {
      const { terminal, finish } = context;
      const { authorDeclarations } = await import("@millwright/schema");
      const { definitionSchema, writeSchemas } = await import("./editor/editor.ts");
      if (json) printJson(context, definitionSchema());
      else if (types) terminal.out(authorDeclarations());
      else {
        const files = await writeSchemas(terminal.cwd, resolve(terminal.cwd, output));
        terminal.err(`${files.join(", ")} written to ${output}\n`);
      }
      finish(0);
    });
};
