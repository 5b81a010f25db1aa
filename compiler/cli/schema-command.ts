import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { definitionSchemas, kinds } from "@millwright/schema";
import type { AddCommand } from "./context.ts";

const dialect = "http://json-schema.org/draft-07/schema#";

/** Writes the JSON Schemas that editors use: one a kind, and one for any definition. */
export const schemaCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("schema")
    .description("write the JSON Schemas of all kinds of definition, for editors")
    .option("-o, --output <folder>", "where to", "factories/schemas")
    .option("--json", "print the schema for any definition instead of writing files")
    .addHelpText("after", "\nExample:\n  $ millwright schema -o factories/schemas")
    .action(async ({ output, json }: { output: string; json?: true }) => {
      if (json) {
        terminal.out(textOf(anyDefinition()));
        finish(0);
        return;
      }
      const folder = resolve(terminal.cwd, output);
      await mkdir(folder, { recursive: true });
      for (const kind of kinds) {
        await writeFile(
          join(folder, `${kind}.schema.json`),
          textOf({ $schema: dialect, ...definitionSchemas[kind] }),
        );
      }
      await writeFile(join(folder, "definition.schema.json"), textOf(anyDefinition()));
      terminal.err(`${kinds.length + 1} schemas written to ${output}\n`);
      finish(0);
    });
};

/** Chosen by `kind`, so that an editor speaks of that kind's fields alone. */
function anyDefinition(): object {
  return {
    $schema: dialect,
    type: "object",
    required: ["kind"],
    properties: { kind: { enum: kinds } },
    allOf: kinds.map((kind) => ({
      if: { properties: { kind: { const: kind } }, required: ["kind"] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
      then: definitionSchemas[kind],
    })),
  };
}

function textOf(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
