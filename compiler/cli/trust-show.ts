import { resolve } from "node:path";
import type { Command } from "commander";
import { type Context, printJson } from "./context.ts";

const names = {
  root: "the next root",
  targets: "a release",
  snapshot: "“this belongs together”, the hub's",
  timestamp: "“this is the newest”, the hub's",
} as const;

export function addTrustShow(trust: Command, context: Context): void {
  trust
    .command("show")
    .description("show who may sign what, how many must, until when, and what waits for signatures")
    .option("--repo <path>", "the repository", ".")
    .option("--json", "print { fingerprint, version, expires, roles, pending, pendingRoot }")
    .addHelpText("after", "\nExample:\n  $ millwright trust show")
    .action(async ({ repo, json }: { repo: string; json?: true }) => {
      const { terminal } = context;
      const { standingTrust } = await import("../release/release.ts");
      const repository = resolve(terminal.cwd, repo);
      const { trust, fingerprint, pending, pendingRoot } = await standingTrust(
        repository,
        terminal.signal,
      );
      const { version, roles } = trust;
      const expires = new Date(trust.expires).toISOString();
      if (json) printJson(context, { fingerprint, version, expires, roles, pending, pendingRoot });
      else {
        const late = trust.expires < terminal.now();
        const lines = (Object.keys(names) as (keyof typeof names)[]).flatMap((role) => [
          `${names[role]} (${role}): ${roles[role].threshold} of ${roles[role].keys.length}`,
          ...roles[role].keys.map((key) => `  ${key}`),
        ]);
        terminal.out(
          `Root ${version}, ${late ? "EXPIRED on" : "good until"} ${expires}; hosts pin ${fingerprint}\n${lines.join("\n")}\n`,
        );
        if (late) terminal.err("Nothing new is accepted. Run millwright trust rotate.\n");
        if (pending) terminal.err("A release waits for signatures: millwright sign.\n");
        if (pendingRoot) terminal.err("A root waits for signatures: millwright trust sign.\n");
      }
      context.finish(0);
    });
}
