import { once } from "node:events";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { readIfThere } from "../disk/disk.ts";
import { type Clock, Failure, messageOf } from "../life/life.ts";
import { childOf } from "./child.ts";
import type { Launched } from "./launch.ts";
import { PID } from "./protocol.ts";

const START_MS = 30_000;
const POLL_MS = 20;

export interface UnitRequest {
  /** Where systemd listens for whoever wants a runner: `millwright-runner.socket`. */
  readonly socket: string;
  readonly folder: string;
  readonly aloneMs: number;
  readonly threads: number;
  readonly gpus: readonly number[];
  /** The slot in which the agent lies, `a` or `b`, so that the runner comes from there too; empty: from the package. */
  readonly slot: string;
}

/**
 * Has systemd start a runner in a unit of its own, by connecting to where it listens: what happens to the agent's unit,
 * its sandbox and its limits are not the runner's. The connection ends when the process does.
 */
export async function launchInUnit(request: UnitRequest, clock: Clock): Promise<Launched> {
  const { socket, folder, aloneMs, threads, gpus, slot } = request;
  const line = connect(socket);
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    line.once("close", () => {
      ended = true;
      resolve("its process has ended; journalctl -u 'millwright-runner@*' may say why");
    });
  });
  try {
    await once(line, "connect");
  } catch (cause) {
    throw new Failure(
      "runner/not-started",
      `systemd starts no runners: ${messageOf(cause)}. Run systemctl start millwright-runner.socket.`,
      { cause },
    );
  }
  // Its end is told by `close`, which always follows.
  line.on("error", () => undefined).unref();
  line.resume().write(`${basename(folder)}\n${aloneMs}\n${threads}\n${gpus.join(",")}\n${slot}\n`);
  const deadline = clock.now() + START_MS;
  while (!ended && clock.now() < deadline) {
    const pid = Number((await readIfThere(join(folder, PID)))?.toString("utf8"));
    if (pid > 1) return { child: childOf(pid), exited, hasExited: () => ended };
    await clock.sleep(POLL_MS, new AbortController().signal);
  }
  line.destroy();
  throw new Failure(
    "runner/not-started",
    `systemd started no runner within ${START_MS / 1000} s. See journalctl -u 'millwright-runner@*'.`,
  );
}
