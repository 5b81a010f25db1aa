import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The processes that the demo starts: each logs to a file, and none outlives it. */
export interface Children extends AsyncDisposable {
  start(name: string, script: string, args: readonly string[]): Promise<ChildProcess>;
  /** Asks it to end, and insists when it does not. */
  stop(name: string): Promise<void>;
  /** Runs to the end. Gives what it printed on stdout. Throws with the end of its log when it fails. */
  finish(name: string, script: string, args: readonly string[]): Promise<string>;
  /** The last lines that a process logged. */
  tail(name: string): Promise<string>;
}

export async function childrenIn(folder: string): Promise<Children> {
  const logs = join(folder, "logs");
  await mkdir(logs, { recursive: true });
  const running = new Map<string, ChildProcess>();
  const logOf = (name: string) => join(logs, `${name}.log`);

  const launch = async (
    name: string,
    script: string,
    args: readonly string[],
    output: "log" | "pipe",
  ) => {
    await using log = await open(logOf(name), "a");
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ["ignore", output === "pipe" ? "pipe" : log.fd, log.fd],
    });
    await once(child, "spawn");
    return child;
  };

  const tail = async (name: string) => {
    const text = await readFile(logOf(name), "utf8").catch(() => "");
    return text.trimEnd().split("\n").slice(-12).join("\n");
  };

  const stop = async (name: string) => {
    const child = running.get(name);
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
  };

  return {
    tail,
    stop,
    async start(name, script, args) {
      const child = await launch(name, script, args, "log");
      running.set(name, child);
      child.once("exit", () => running.delete(name));
      return child;
    },
    async finish(name, script, args) {
      const child = await launch(name, script, args, "pipe");
      let printed = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
      const [code] = (await once(child, "close")) as [number | null];
      if (code !== 0) throw new Error(`${name} ended with ${code}:\n${await tail(name)}`);
      return printed;
    },
    async [Symbol.asyncDispose]() {
      // Agents before the hub, so that they can say goodbye.
      for (const name of [...running.keys()].reverse()) await stop(name);
    },
  };
}
