/** The example organisation, running: a hub and three agents in processes of their own, as `npm start` has them. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentStatus, readerOf } from "@millwright/schema";
import { run } from "../../compiler/cli/cli.ts";
import { type Children, childrenIn } from "../../compiler/cli/demo/children.ts";
import { Story } from "../../compiler/cli/demo/story.ts";
import type { Terminal } from "../../compiler/cli/terminal.ts";

export const checkout = join(import.meta.dirname, "../..");

export interface Fleet extends AsyncDisposable {
  readonly folder: string;
  readonly story: Story;
  readonly children: Children;
  /** The hub's process, to take away and bring back. */
  readonly hub: { stop(): Promise<void>; start(): Promise<void> };
  /** Base URL of a host's gateway. */
  gateway(host: string): string;
  status(host: string): Promise<AgentStatus>;
  stateOf(host: string): string;
  /** Runs a `millwright` command in the fleet's repository, with its keys where it takes them. */
  millwright(...argv: string[]): Promise<{ code: number; out: string; err: string }>;
}

const readStatus = readerOf(AgentStatus);

export async function startFleet(
  signal: AbortSignal = new AbortController().signal,
): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), "mw-"));
  const children = await childrenIn(folder);
  const terminal: Terminal = {
    out: () => undefined,
    err: () => undefined,
    interactive: false,
    env: process.env,
    cwd: folder,
    signal,
    now: () => Date.now(),
  };
  const story = new Story({
    ...{ folder, checkout, children, terminal, millwright: run },
    usualPorts: false,
  });
  const dispose = async () => {
    await children[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await story.makeRepository();
    await story.makeTrust();
    await story.enrol();
    await story.release();
    await story.startHub();
    await story.startAgents();
  } catch (error) {
    await dispose();
    throw error;
  }
  const stateOf = (host: string) => join(folder, "hosts", host);
  return {
    folder,
    story,
    children,
    hub: {
      stop: () => children.stop("hub"),
      start: async () => {
        await story.startHub();
      },
    },
    stateOf,
    gateway: (host) => story.gatewayOf(host),
    async status(host) {
      const running = JSON.parse(await readFile(join(stateOf(host), "running.json"), "utf8")) as {
        local: string;
      };
      const response = await fetch(`http://${running.local}/status`).catch(
        async (cause: unknown) => {
          throw new Error(`${host} does not answer; it logged:\n${await children.tail(host)}`, {
            cause,
          });
        },
      );
      const status = readStatus(await response.json());
      if (!status.ok) throw new Error(`the status of ${host} is not what the schema says`);
      return status.value;
    },
    async millwright(...argv) {
      let out = "";
      let err = "";
      const code = await run(argv, {
        ...terminal,
        cwd: story.repository,
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
      });
      return { code, out, err };
    },
    [Symbol.asyncDispose]: dispose,
  };
}
