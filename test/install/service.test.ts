/** What systemd hears of the agent. systemd-socket-activate stands for PID 1, and `cat` writes down what comes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import { supervisorOf, unsupervised, watchdog } from "../../agent/service/service.ts";

const noJournal = () => undefined;
const pause = (ms: number) => systemClock.sleep(ms, new AbortController().signal);

/** Gives the environment that systemd would give, and what it has heard. */
async function systemd(watchdogMs?: number) {
  const folder = mkdtempSync(join(tmpdir(), "mw-notify-"));
  const [socket, notes] = [join(folder, "notify"), join(folder, "notes")];
  writeFileSync(notes, "");
  const listen = ["--datagram", "--inetd", "-l", socket, "-E", `NOTES=${notes}`];
  const ear = spawn(
    "/usr/bin/systemd-socket-activate",
    [...listen, "sh", "-c", 'exec cat >>"$NOTES"'],
    {
      stdio: "ignore",
    },
  );
  onTestFinished(async () => {
    if (ear.exitCode === null) {
      const end = once(ear, "exit");
      ear.kill("SIGKILL");
      await end;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  while (!existsSync(socket)) await pause(10);
  const env = {
    PATH: process.env["PATH"],
    NOTIFY_SOCKET: socket,
    ...(watchdogMs !== undefined && { WATCHDOG_USEC: String(watchdogMs * 1000) }),
  };
  return { env, heard: () => readFileSync(notes, "utf8") };
}

const beatsIn = (heard: string) => heard.split("WATCHDOG=1").length - 1;

test("systemd hears that the agent is ready, what it does, that it lives, and that it stops", async () => {
  const { env, heard } = await systemd(300);
  const supervisor = supervisorOf(env, noJournal);
  await supervisor.ready();
  expect(heard()).toContain("READY=1");
  const stop = new AbortController();
  const alive = watchdog({
    ...{ supervisor, clock: systemClock, journal: noJournal },
    lastSeen: () => Date.now(),
    status: () => "revision 7, 2 of 2 deployments ready",
  })(stop.signal);
  while (beatsIn(heard()) < 3) await pause(20);
  stop.abort();
  await alive;
  expect(heard().split("STATUS=revision 7, 2 of 2 deployments ready").length).toBe(2);
  expect(heard()).toContain("STOPPING=1");
});

test("the beat stops while what matters stands still, says so once, and comes back with it", async () => {
  const { env, heard } = await systemd(150);
  const events: string[] = [];
  let lastSeen = 0;
  const stop = new AbortController();
  const alive = watchdog({
    supervisor: supervisorOf(env, noJournal),
    clock: systemClock,
    journal: (_severity, { event }) => events.push(event),
    lastSeen: () => lastSeen,
    status: () => "",
  })(stop.signal);
  await pause(300);
  expect(beatsIn(heard())).toBe(0);
  expect(events).toEqual(["service/hangs"]);
  lastSeen = Number.POSITIVE_INFINITY;
  while (beatsIn(heard()) < 2) await pause(20);
  stop.abort();
  await alive;
});

test("a main loop that hangs sends no beat", async () => {
  const { env, heard } = await systemd(90);
  const stop = new AbortController();
  const supervisor = supervisorOf(env, noJournal);
  const alive = watchdog({
    ...{ supervisor, clock: systemClock, journal: noJournal },
    lastSeen: () => Date.now(),
    status: () => "",
  })(stop.signal);
  while (beatsIn(heard()) < 2) await pause(20);
  await pause(20);
  const before = beatsIn(heard());
  const until = performance.now() + 400;
  while (performance.now() < until);
  // At most the message that was on its way.
  expect(beatsIn(heard())).toBeLessThanOrEqual(before + 1);
  stop.abort();
  await alive;
});

test("a status of many lines cannot say anything else to systemd", async () => {
  const { env, heard } = await systemd(150);
  await supervisorOf(env, noJournal).alive("fine\nMAINPID=1\nSTOPPING=1");
  expect(heard()).toContain("STATUS=fine MAINPID=1 STOPPING=1");
  expect(heard()).not.toMatch(/^MAINPID/m);
});

test("without systemd nothing is said; a watchdog of another process is not ours", () => {
  expect(supervisorOf({}, noJournal)).toBe(unsupervised);
  const of = (WATCHDOG_PID: string) =>
    supervisorOf({ NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "3000000", WATCHDOG_PID }, noJournal);
  expect(of("1").watchdogMs).toBeUndefined();
  expect(of(String(process.pid)).watchdogMs).toBe(3000);
});

test("a supervisor that does not listen is told in the journal, and ends nothing", async () => {
  const events: string[] = [];
  const env = { PATH: process.env["PATH"], NOTIFY_SOCKET: "/nowhere/notify" };
  await supervisorOf(env, (_severity, { event }) => events.push(event)).ready();
  expect(events).toEqual(["service/not-heard"]);
});
