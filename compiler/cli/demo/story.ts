/**
 * The main job, played on one machine: a commit becomes a plan, a plan a running model, a correction a better answer.
 * Every step is what a person would do, through the same commands.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../failure.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import type { Children } from "./children.ts";
import { chat, correct } from "./gateway-view.ts";
import { type HostView, type HubView, hubAt, until } from "./hub-view.ts";
import { loadOn } from "./load.ts";
import type { DemoResult } from "./outcome.ts";
import { players } from "./players.ts";
import { freePort } from "./ports.ts";
import { commit, edit, makeRepository } from "./repository.ts";

export interface Stage {
  /** An empty folder that the demo fills. */
  readonly folder: string;
  /** The checkout that holds `factories/` and `agent/`. */
  readonly checkout: string;
  readonly children: Children;
  /** The ports of the documentation, where they are free; otherwise any, so that two stories never meet. */
  readonly usualPorts: boolean;
  readonly terminal: Terminal;
  /** Runs a command of `millwright`, as `run` in cli.ts does. */
  readonly millwright: (argv: readonly string[], terminal: Terminal) => Promise<ExitCode>;
}

export const mail = "Hi team, I do not want keyboard 6823 any more. Hugo";
const corrected = "Hugo: cancel keyboard 6823. Team: care.";

/** The story, step by step. A step throws when it did not come true; then those after it have no ground. */
export class Story {
  readonly #stage: Stage;
  readonly #repository: string;
  readonly #gateways = new Map<string, string>();
  #hubPort = 0;
  #first = { number: 0, root: "" };
  #second = { number: 0, root: "" };
  #hosts: readonly HostView[] = [];
  #answer = "";
  #answerId = "";
  #feedback = 0;
  #dropped = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#repository = join(stage.folder, "acme");
  }

  get hubUrl(): string {
    return `http://127.0.0.1:${this.#hubPort}`;
  }

  get gatewayUrl(): string {
    return this.gatewayOf("fra-1");
  }

  gatewayOf(host: string): string {
    return this.#gateways.get(host) ?? "";
  }

  get repository(): string {
    return this.#repository;
  }

  get result(): DemoResult {
    return {
      revision: this.#first.number,
      root: this.#first.root,
      hosts: this.#hosts.map(({ name, status }) => ({
        name,
        plan: status?.running?.plan ?? "",
        state: status?.running?.revision === this.#second.number ? "running" : "behind",
        models: Object.values(status?.deployments ?? {}).map(({ model, adapter }) =>
          adapter === undefined ? model : `${model}+${adapter}`,
        ),
      })),
      answer: this.#answer,
      feedbackReceived: this.#feedback,
      movedTo: this.#second.number,
      droppedRequests: this.#dropped,
    };
  }

  /** A git repository with the example organisation, on ports that are free here. */
  async makeRepository(): Promise<string> {
    const root = this.#repository;
    await mkdir(root, { recursive: true });
    await makeRepository(join(this.#stage.checkout, "factories"), root);
    this.#hubPort = await freePort(this.#stage.usualPorts ? 7420 : 0);
    if (this.#hubPort !== 7420)
      await edit(root, "fleet.ts", "127.0.0.1:7420", `127.0.0.1:${this.#hubPort}`);
    for (const { name, file, port } of players) {
      const free = await freePort(this.#stage.usualPorts ? port : 0);
      if (free !== port) await edit(root, file, `127.0.0.1:${port}`, `127.0.0.1:${free}`);
      this.#gateways.set(name, `http://127.0.0.1:${free}`);
    }
    return root;
  }

  /** Keys outside the repository, and the first root of trust. */
  async makeTrust(): Promise<string> {
    const { fingerprint } = await this.#ask<{ fingerprint: string }>(["init", "--keys", this.keys]);
    return `root ${fingerprint.slice(0, 19)}…`;
  }

  /** Every host makes its key; their public halves are merged, which enrols them. */
  async enrol(): Promise<string> {
    const keys = await Promise.all(players.map(({ name }) => this.#initHost(name)));
    for (const [index, { name, file }] of players.entries()) {
      const key = new RegExp(`(name: "${name}",\\s+key: ")[^"]+`);
      await edit(this.#repository, file, key, `$1${keys[index]}`);
    }
    await commit(this.#repository, `Enrol ${players.map(({ name }) => name).join(", ")}`);
    return `${players.length} hosts`;
  }

  /** The definitions become one plan a host, one tree, one signature. */
  async release(): Promise<string> {
    this.#first = await this.#release();
    return `revision ${this.#first.number}, root ${this.#first.root.slice(0, 12)}…`;
  }

  async startHub(): Promise<string> {
    await this.#stage.children.start(
      "hub",
      join(this.#stage.checkout, "compiler/cli/millwright.ts"),
      [
        "hub",
        ...["--repo", this.#repository],
        ...["--data", join(this.#stage.folder, "hub")],
        ...["--keys", this.keys],
        ...["--listen", `127.0.0.1:${this.#hubPort}`],
        ...["--poll", "200ms"],
      ],
    );
    await until("the hub offers the revision", 30_000, this.#signal, () => this.#hub.isHealthy());
    return this.hubUrl;
  }

  /** Each agent pulls its plan, proves it, fetches and loads its models. */
  async startAgents(): Promise<string> {
    for (const { name } of players) {
      await this.#stage.children.start(name, this.#agent, [
        "run",
        "--state",
        this.#stateOf(name),
        "--local",
        "127.0.0.1:0",
        "--stop-models",
      ]);
    }
    await this.#allRunning(this.#first.number);
    return this.#hosts
      .map(({ name, status }) => `${name}: ${Object.keys(status?.deployments ?? {}).join(", ")}`)
      .join("; ");
  }

  /** A customer's mail goes in, one line comes out. */
  async askForAnswer(): Promise<string> {
    const { id, text } = await chat(this.gatewayUrl, mail);
    this.#answer = text;
    this.#answerId = id;
    return `“${mail}” → “${text}”`;
  }

  /** A person says what the answer should have been, and the hub has it. */
  async correct(): Promise<string> {
    const id = await correct(this.gatewayUrl, this.#answerId, corrected);
    this.#feedback = await until("the hub shows the correction", 20_000, this.#signal, async () => {
      const samples = await this.#hub.feedback();
      return samples.some((sample) => sample.id === id) ? samples.length : undefined;
    });
    return `“${corrected}”; the hub holds ${this.#feedback} samples`;
  }

  /** A change is merged and released while requests keep coming; none may be lost. */
  async change(): Promise<string> {
    const load = loadOn(
      ["fra-1", "fra-2"].map((name) => this.gatewayOf(name)),
      { model: "summarise-mail", messages: [{ role: "user", content: mail }] },
    );
    try {
      await edit(
        this.#repository,
        "support.ts",
        '// adapter: "mail-triage-care",',
        'adapter: "mail-triage-care",',
      );
      await commit(this.#repository, "support: cancellations go to the team care");
      this.#second = await this.#release();
      await this.#allRunning(this.#second.number);
    } finally {
      const { answered, dropped, reasons } = await load.stop();
      this.#dropped = dropped;
      if (dropped > 0)
        this.#stage.terminal.err(
          `${dropped} of ${answered + dropped} requests were dropped, the first: ${reasons[0]}\n`,
        );
    }
    if (this.#dropped > 0)
      throw new Failure(
        "demo/dropped",
        `${this.#dropped} requests were dropped while the fleet moved. See the agents' logs.`,
      );
    return `revision ${this.#second.number} runs on ${this.#hosts.length} hosts, no request dropped`;
  }

  /** The same mail, after the change. */
  async askAgain(): Promise<string> {
    const { text } = await chat(this.gatewayUrl, mail);
    if (text !== corrected)
      throw new Failure("demo/not-learned", `The answer is “${text}”, not “${corrected}”.`);
    return `“${text}”`;
  }

  /** Gives the host's public key. */
  async #initHost(name: string): Promise<string> {
    const printed = await this.#stage.children.finish(`${name}-init`, this.#agent, [
      "init",
      ...["--state", this.#stateOf(name)],
      ...["--name", name],
      ...["--hub", `ws://127.0.0.1:${this.#hubPort}`],
      ...["--root", join(this.keys, "root.json")],
      "--json",
    ]);
    return (JSON.parse(printed) as { readonly key: string }).key;
  }

  get keys(): string {
    return join(this.#stage.folder, "keys");
  }

  get #agent(): string {
    return join(this.#stage.checkout, "agent/cli/millwright-agent.ts");
  }

  get #signal(): AbortSignal {
    return this.#stage.terminal.signal;
  }

  get #hub(): HubView {
    return hubAt(this.hubUrl);
  }

  #stateOf(name: string): string {
    return join(this.#stage.folder, "hosts", name);
  }

  async #release(): Promise<{ number: number; root: string }> {
    return this.#ask(["release", "--keys", this.keys]);
  }

  /** Runs a command of ours with `--json` and gives what it printed. */
  async #ask<T>(argv: readonly string[]): Promise<T> {
    let out = "";
    let err = "";
    const code = await this.#stage.millwright([...argv, "--json"], {
      ...this.#stage.terminal,
      cwd: this.#repository,
      interactive: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    if (code !== 0)
      throw new Failure(
        "demo/command-failed",
        `millwright ${argv[0]} ended with ${code}.\n${err}${out}`,
      );
    return JSON.parse(out) as T;
  }

  async #allRunning(revision: number): Promise<void> {
    this.#hosts = await until(
      `all hosts run revision ${revision}`,
      60_000,
      this.#signal,
      async () => {
        const hosts = await this.#hub.hosts();
        const done = hosts.filter(({ status }) => status?.running?.revision === revision);
        return done.length === players.length ? hosts : undefined;
      },
    );
  }
}
