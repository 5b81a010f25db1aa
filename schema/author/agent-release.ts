/** Which agent hosts run: a field of both `host` and `fleet`. */
import Type from "typebox";
import { VERSION_PATTERN } from "../value/value.ts";
import type * as documented from "./documented.ts";
import { strict } from "./field.ts";
import { SOURCE_PATTERN } from "./model.ts";

const archive = (processor: string) =>
  Type.Optional(
    Type.String({
      ...{
        pattern: SOURCE_PATTERN,
        examples: [`file:agents/millwright-agent-0.2.0-linux-${processor}.tar.zst`],
      },
      description: `The archive for hosts with ${processor}, which \`npm run package:agent\` makes. Written like the source of a model; \`millwright lock\` resolves it.`,
    }),
  );

export const AgentRelease = strict(
  {
    version: Type.String({
      pattern: VERSION_PATTERN,
      description: "The version: three numbers.",
      examples: ["0.2.0"],
    }),
    packages: strict(
      { x64: archive("x64"), arm64: archive("arm64") },
      {
        minProperties: 1,
        description: "Where it can be had, for each processor that the hosts have.",
      },
    ),
  },
  {
    description:
      "Which version of the agent hosts run. A host fetches it like a model, tries it beside the one that runs, and goes back when it does not come up. Absent: agents stay as they are.",
    examples: [
      {
        version: "0.2.0",
        packages: { x64: "https://releases.example.org/millwright-agent-0.2.0-linux-x64.tar.zst" },
      },
    ],
  },
);
export type AgentRelease = documented.AgentRelease;
