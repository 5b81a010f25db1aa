import { spawn } from "node:child_process";

const MOST = 100_000;

/**
 * What a tool says; `undefined` when there is none, or it does not end well before `signal` aborts. One that hangs in a
 * driver cannot even be killed: it is left behind, and holds nobody up.
 */
export function said(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    const kill = () => {
      child.kill("SIGKILL");
      child.unref();
      child.stdout.destroy();
      resolve(undefined);
    };
    signal.addEventListener("abort", kill, { once: true });
    if (signal.aborted) kill();
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      if (text.length < MOST) text += part;
    });
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => {
      signal.removeEventListener("abort", kill);
      resolve(code === 0 ? text.trim() : undefined);
    });
  });
}
