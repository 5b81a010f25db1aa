import { join, resolve } from "node:path";
import type { AddCommand } from "./context.ts";

const example = `
Example:
  $ millwright-agent install

Writes units below /etc/systemd/system (a package has brought them already), makes the user millwright, gives it the
state folder /var/lib/millwright, and starts the agent. Needs root. --root prepares the image of another machine.`;

export const installCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("install")
    .description("have systemd run the agent: units, user, state folder")
    .option("--dry-run", "print the units and change nothing")
    .option("--root <folder>", "the root folder of an image", "/")
    .option("--json", "print { files: [{ path, text }] }")
    .addHelpText("after", example)
    .action(async ({ dryRun, root, json }: { dryRun?: true; root: string; json?: true }) => {
      const { installFiles, installOn } = await import("../install/install.ts");
      const place = { node: process.execPath, agent: join(import.meta.dirname, "..") };
      const files = installFiles(place).map(({ folder, name, text }) => ({
        path: join("/etc", folder, name),
        text,
      }));
      const ground = {
        root: resolve(terminal.cwd, root),
        told: (line: string) => terminal.err(`${line}\n`),
      };
      if (dryRun === undefined) await installOn(ground, place, terminal.signal);
      if (json) terminal.out(`${JSON.stringify({ files })}\n`);
      else if (dryRun) terminal.out(files.map(({ path, text }) => `# ${path}\n${text}`).join("\n"));
      else terminal.out("Installed. See systemctl status millwright-agent.\n");
      finish(0);
    });
};
