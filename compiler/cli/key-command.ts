import { randomBytes } from "node:crypto";
import { digestOf } from "@millwright/schema";
import { type AddCommand, printJson } from "./context.ts";

/** 256 bits of chance: nobody finds the key by its digest, so the digest may stand in git. */
const KEY_BYTES = 32;

/** Makes a key for somebody who calls the gateways. */
export const keyCommand: AddCommand = (program, context) => {
  program
    .command("key")
    .description("make a key for a caller of the models")
    .option("--json", "print the key and its digest as JSON")
    .addHelpText(
      "after",
      "\nThe key is shown once and kept nowhere: give it to the caller. Its digest goes into `apiKeys` of the factory.\n\nExample:\n  $ millwright key",
    )
    .action(({ json }: { json?: true }) => {
      const { terminal, finish } = context;
      const key = `mw-${randomBytes(KEY_BYTES).toString("base64url")}`;
      const digest = digestOf(Buffer.from(key));
      if (json) printJson(context, { key, digest });
      else {
        terminal.out(`${key}\n`);
        terminal.err(
          `The caller sends it as "authorization: Bearer <key>". It is shown this once. The factory knows it by:\n\n  apiKeys: { <caller>: { digest: "${digest}" } },\n`,
        );
      }
      finish(0);
    });
};
