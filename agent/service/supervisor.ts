import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Journal, messageOf } from "../life/life.ts";

const run = promisify(execFile);

export interface Supervisor {
  /** The agent has begun, and answers on its local address. */
  ready(): Promise<void>;
  stopping(): Promise<void>;
  /** It lives. With what `systemctl status` is to show, when that has changed. */
  alive(status: string): Promise<void>;
  /** How long it may be silent; `undefined`: nobody watches. */
  readonly watchdogMs?: number;
}

/** One message takes 3 ms; a supervisor that takes so long will not take it. */
const LIMIT_MS = 10_000;
/** What is shown is one line. */
const MAX_STATUS = 200;

/**
 * `systemd-notify` speaks for us, as Node has no datagram sockets of Unix: one short child every 20 s, and no native
 * module. Never throws: an agent whose words do not arrive is restarted by its watchdog, and the journal says why.
 */
export function supervisorOf(env: NodeJS.ProcessEnv, journal: Journal): Supervisor {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, PATH } = env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return unsupervised;
  let shown = "";
  const say = async (...words: readonly string[]) => {
    try {
      await run("systemd-notify", words, { env: { NOTIFY_SOCKET, PATH }, timeout: LIMIT_MS });
    } catch (error) {
      journal("error", { event: "service/not-heard", message: messageOf(error) });
    }
  };
  // sd_watchdog_enabled(3): meant for another process when it names one.
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  const watchdogMs = isOurs ? Math.floor(Number(WATCHDOG_USEC) / 1000) : 0;
  return {
    ready: () => say("--ready"),
    stopping: () => say("STOPPING=1"),
    async alive(status) {
      const line = status.replaceAll(/\s+/g, " ").slice(0, MAX_STATUS);
      const words = line === shown ? [] : [`--status=${line}`];
      shown = line;
      await say("WATCHDOG=1", ...words);
    },
    ...(watchdogMs > 0 && { watchdogMs }),
  };
}

/** Nobody listens: started by hand. */
export const unsupervised: Supervisor = {
  ready: () => Promise.resolve(),
  stopping: () => Promise.resolve(),
  alive: () => Promise.resolve(),
};
