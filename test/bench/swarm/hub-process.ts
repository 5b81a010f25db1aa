/** The hub of a swarm: `millwright hub` as an operator starts it, in a process of its own, killed without a word. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { cert, key } from "../../compiler/hub-tls-kit.ts";
import type { Releases } from "./releases.ts";

const millwright = join(import.meta.dirname, "../../../compiler/cli/millwright.ts");
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 10_000;

export interface HubProcess extends AsyncDisposable {
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** SIGKILL: nothing is said, nothing is flushed. */
  kill(): Promise<void>;
  /** Its figures by name, as `/metrics` shows them. Delays are those since the last call. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Resident memory in MiB, as the kernel counts it. */
  memory(): number;
  /** What it has used of the processor, in seconds. */
  cpu(): number;
}

export interface HubOptions {
  readonly releases: Releases;
  readonly port: number;
  readonly isPlain: boolean;
  /** Read to the end by nobody: tells what happened when a run goes wrong. */
  readonly log: string;
  /** Flags of Node, to profile it. */
  readonly flags: readonly string[];
}

export function hubProcess({ releases, port, isPlain, log, flags }: HubOptions): HubProcess {
  const { folder, repository, keysDir } = releases;
  const [certFile, keyFile] = [join(folder, "hub.crt"), join(folder, "hub.key")];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const origin = `${isPlain ? "http" : "https"}://127.0.0.1:${port}`;
  const args = [
    ...flags,
    ...[millwright, "hub", "--repo", repository, "--data", join(folder, "hub")],
    ...["--keys", keysDir, "--listen", `127.0.0.1:${port}`, "--poll", "1s"],
    ...(isPlain ? [] : ["--tls-cert", certFile, "--tls-key", keyFile]),
  ];
  let child: ChildProcess | undefined;

  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  const processFile = (name: string) => readFileSync(`/proc/${child?.pid}/${name}`, "utf8");

  return {
    kill,
    async start() {
      const output = openSync(log, "a");
      child = spawn(execPath, args, { stdio: ["ignore", output, output] });
      closeSync(output);
      const deadline = performance.now() + STARTS_WITHIN_MS;
      while (!(await answers(`${origin}/healthz`))) {
        if (child.exitCode !== null || performance.now() > deadline)
          throw new Error(`the hub did not start; its log is ${log}`);
        await delay(20);
      }
    },
    async metrics() {
      const text = await (await fetch(`${origin}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      return new Map(
        lines.map((line) => {
          const [name = "", value = ""] = line.split(/ (?=[^ ]*$)/);
          return [name, Number(value)];
        }),
      );
    },
    memory: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(processFile("status"))?.[1]) / 1024,
    cpu() {
      // The fields after the name, which may hold spaces: utime and stime are the 12th and 13th, in hundredths.
      const fields = processFile("stat").split(") ").at(-1)?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async [Symbol.asyncDispose]() {
      // As an operator stops it; a profile of it is written then.
      child?.kill("SIGTERM");
      const late = setTimeout(() => child?.kill("SIGKILL"), STOPS_WITHIN_MS);
      if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
      clearTimeout(late);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Not yet.
    return false;
  }
}

/** A port that nobody listens on now: plans name their hub, so it has to be known before the hub starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
