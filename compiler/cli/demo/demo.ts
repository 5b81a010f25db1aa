import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Listr } from "listr2";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import { childrenIn } from "./children.ts";
import { mail, Story } from "./story.ts";

interface Options {
  readonly once?: true;
  readonly json?: true;
  readonly keep?: true;
}

const chapters = [
  ["A git repository with the example organisation", "makeRepository"],
  ["Keys, outside the repository", "makeTrust"],
  ["Hosts enrol by pull request", "enrol"],
  ["Compile, sign, release", "release"],
  ["The hub follows the branch of releases", "startHub"],
  ["Agents pull and prove their plans, and load their models", "startAgents"],
  ["A customer's mail", "askForAnswer"],
  ["A person corrects the answer", "correct"],
  ["A change is merged and released while requests keep coming", "change"],
  ["The same mail again", "askAgain"],
] as const satisfies readonly (readonly [string, keyof Story])[];

/** Plays the story. 0 when every chapter came true, 1 when one did not. */
export async function demo(
  options: Options,
  terminal: Terminal,
  millwright: Context["run"],
): Promise<ExitCode> {
  const checkout = join(import.meta.dirname, "../../..");
  if (!existsSync(join(checkout, "factories")) || !existsSync(join(checkout, "agent/cli"))) {
    throw new Failure(
      "demo/no-checkout",
      "The demo plays the example of a Millwright checkout. Clone the repository and run npm start there.",
    );
  }
  // Short, because the path of a Unix socket has at most 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), "mw-"));
  try {
    await using children = await childrenIn(folder);
    const story = new Story({
      ...{ folder, checkout, children, terminal, millwright },
      usualPorts: options.once !== true,
    });
    const told = await tell(story, options, terminal);
    if (options.json) terminal.out(`${JSON.stringify(story.result, null, 2)}\n`);
    if (!told) return 1;
    if (!options.once) {
      terminal.out(invitation(story));
      await new Promise<void>((resolve) => {
        if (terminal.signal.aborted) resolve();
        terminal.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      terminal.err("Stopping agents and hub …\n");
    }
    return 0;
  } finally {
    if (options.keep) terminal.err(`Everything is left in ${folder}\n`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function tell(story: Story, { json }: Options, terminal: Terminal): Promise<boolean> {
  const line = new Listr<unknown, "default" | "simple" | "silent">(
    chapters.map(([title, chapter]) => ({
      title,
      task: async (_context, task) => {
        if (terminal.signal.aborted) throw new Error("stopped");
        task.title = `${title}: ${await story[chapter]()}`;
      },
    })),
    {
      renderer: json ? "silent" : terminal.interactive ? "default" : "simple",
      exitOnError: true,
    },
  );
  try {
    await line.run();
    return true;
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

function invitation(story: Story): string {
  return `
  The hub's page   ${story.hubUrl}/
  The endpoint     ${story.gatewayUrl}/v1
  The repository   ${story.repository}   (edit factories/, commit, then release it as below)

  Ask yourself:
    curl ${story.gatewayUrl}/v1/chat/completions -H 'content-type: application/json' \\
      -d '{"model":"summarise-mail","messages":[{"role":"user","content":"${mail}"}]}'

  Change what runs:
    npx millwright release --repo ${story.repository} --keys ${story.keys}

  Ctrl-C stops everything.
`;
}
