/** Runners in units of their own, started by systemd for a connection. systemd-socket-activate stands for PID 1. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import { launchInUnit } from "../../agent/runner/unit.ts";

const starter = join(import.meta.dirname, "../../agent/runner/process/start.sh");

/** Listens as millwright-runner.socket does. The runner is a small program, as engines are tried elsewhere. */
async function listening(program: string) {
  const state = mkdtempSync(join(tmpdir(), "mw-unit-"));
  const folder = join(state, "runners", "0123456789abcdef");
  mkdirSync(folder, { recursive: true });
  const main = join(state, "main.mjs");
  writeFileSync(main, program);
  const socket = join(state, "runner.sock");
  const door = spawn(
    "/usr/bin/systemd-socket-activate",
    ["--accept", "--inetd", "-l", socket, "/bin/sh", starter, process.execPath, main, state],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  door.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  onTestFinished(async () => {
    await ended(door);
    rmSync(state, { recursive: true, force: true });
  });
  while (!existsSync(socket)) await soon();
  return { socket, folder, said: () => said };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, "exit");
  child.kill("SIGKILL");
  await end;
}

const soon = () => systemClock.sleep(20, new AbortController().signal);

const lives = `
  import { writeFileSync } from "node:fs";
  writeFileSync("env.json", JSON.stringify({ env: process.env, argv: process.argv.slice(2) }));
  writeFileSync("pid", String(process.pid));
  process.stderr.write("the engine talks\\n");
  setTimeout(() => {}, 60_000);`;

test("a runner starts for a connection, in its folder, with its log there and a closed environment", async () => {
  const { socket, folder } = await listening(lives);
  const request = { socket, folder, aloneMs: 60_000, threads: 6, gpus: [0, 2], slot: "" };
  const { child, exited, hasExited } = await launchInUnit(request, systemClock);
  onTestFinished(() => child.send("SIGKILL"));
  expect(child.isAlive()).toBe(true);
  expect(hasExited()).toBe(false);
  const { env, argv } = JSON.parse(readFileSync(join(folder, "env.json"), "utf8"));
  expect(argv).toEqual(["60000"]);
  expect(env).toMatchObject({ UV_THREADPOOL_SIZE: "6", CUDA_VISIBLE_DEVICES: "0,2" });
  while (!readFileSync(join(folder, "log"), "utf8").includes("the engine talks")) await soon();
  child.send("SIGKILL");
  expect(await exited).toContain("journalctl");
  expect(hasExited()).toBe(true);
});

test("an agent that goes away takes no runner with it", async () => {
  const { socket, folder } = await listening(lives);
  const agent = connect(socket);
  agent.write("0123456789abcdef\n60000\n4\n\n\n");
  while (!existsSync(join(folder, "pid"))) await soon();
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  onTestFinished(() => {
    process.kill(pid, "SIGKILL");
  });
  agent.destroy();
  await systemClock.sleep(300, new AbortController().signal);
  expect(process.kill(pid, 0)).toBe(true);
});

test("a folder outside the runners' is refused, and nothing is started", async () => {
  const { socket, folder, said } = await listening(lives);
  const attack = connect(socket);
  attack.write("../../etc\n60000\n4\n\n\n");
  await once(attack.resume(), "close");
  while (!said().includes("refused")) await soon();
  expect(said()).toContain("a runner's folder is named with hex digits");
  expect(existsSync(join(folder, "pid"))).toBe(false);
});

test("a slot outside the two is refused, and nothing is started", async () => {
  const { socket, folder, said } = await listening(lives);
  const attack = connect(socket);
  attack.write("0123456789abcdef\n60000\n4\n\n../../../tmp\n");
  await once(attack.resume(), "close");
  while (!said().includes("refused")) await soon();
  expect(said()).toContain("a slot is a or b");
  expect(existsSync(join(folder, "pid"))).toBe(false);
});

test("where systemd does not listen, the failure says how to have it listen", async () => {
  const request = { socket: "/nowhere/runner.sock", folder: "/nowhere/a", aloneMs: 1, threads: 4 };
  await expect(launchInUnit({ ...request, gpus: [], slot: "" }, systemClock)).rejects.toMatchObject(
    {
      code: "runner/not-started",
      message: expect.stringContaining("systemctl start millwright-runner.socket"),
    },
  );
});
