/** Drivers that hang for ever: nothing but their own process notices. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { outputOf } from "../../agent/hardware/output.ts";
import { echoEngine, startGateway } from "./gateway-kit.ts";
import { eventually, probeOver } from "./hardware-kit.ts";
import { fakeNvml } from "./hardware-nvml-kit.ts";

const library = fakeNvml();
const REQUESTS = 60;

test("a driver that hangs for ever, nvidia-smi or NVML, leaves the gateway's latency as it was", async () => {
  const { post } = await startGateway([echoEngine()]);
  const body = {
    ...{ model: "triage", max_tokens: 4 },
    messages: [{ role: "user", content: "one two three four" }],
  };
  /** The middle one of many answers, in milliseconds. */
  const latency = async () => {
    const took: number[] = [];
    for (let count = 0; count < REQUESTS; count += 1) {
      const start = performance.now();
      const response = await post("/v1/chat/completions", body);
      expect(response.status).toBe(200);
      await response.json();
      took.push(performance.now() - start);
    }
    return took.sort((a, b) => a - b)[REQUESTS >> 1] ?? Number.NaN;
  };
  // The first answers pay for what is loaded with them.
  await latency();
  const healthy = await probeOver({});
  await eventually(() => healthy.probe.samples().length === 1);
  const usual = await latency();
  await healthy.stop();

  const smi = await probeOver({ hangsAfter: 1 });
  env["FAKE_HANG"] = "nvmlDeviceGetUtilizationRates";
  onTestFinished(() => {
    delete env["FAKE_HANG"];
  });
  const nvml = await probeOver(undefined, { library });
  await eventually(() => smi.codes().includes("hardware/probe-stalled"));
  const hanging = await latency();
  // On a machine that others use as well.
  expect(hanging).toBeLessThan(usual * 5 + 20);
  await Promise.all([smi.stop(), nvml.stop()]);
});

/**
 * Cannot be killed, as a process in a driver cannot: its end is kept from its parent by a process of its own that traces
 * it. Notes the tracer's id, and answers like a driver until then.
 */
const stuck = `
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>
int main(int count, char **args) {
  if (count > 1 && !strcmp(args[1], "--help-query-gpu")) return puts("\\"index\\"\\n\\"uuid\\"") < 0;
  int ready[2];
  char yes;
  if (pipe(ready)) return 1;
  int tracer = fork();
  if (tracer == 0) {
    prctl(PR_SET_PDEATHSIG, 0);
    if (ptrace(PTRACE_SEIZE, getppid(), 0, 0)) return 1;
    write(ready[1], "y", 1);
    sleep(120);
    return 0;
  }
  prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
  close(ready[1]);
  if (read(ready[0], &yes, 1) != 1) return 1;
  FILE *note = fopen(NOTE, "w");
  fprintf(note, "%d %d", getpid(), tracer);
  fclose(note);
  puts("0, GPU-a");
  fflush(stdout);
  for (;;) pause();
}
`;

function unkillable() {
  const folder = mkdtempSync(join(tmpdir(), "mw-stuck-"));
  const [command, note] = [join(folder, "nvidia-smi"), join(folder, "note")];
  writeFileSync(`${command}.c`, stuck);
  execFileSync("cc", ["-w", `-DNOTE="${note}"`, "-o", command, `${command}.c`]);
  const pids = () => readFileSync(note, "utf8").split(" ").map(Number);
  onTestFinished(() => {
    const [, tracer] = pids();
    if (tracer !== undefined) process.kill(tracer, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return { command, pids };
}

test("an agent stops while its driver's process cannot even be killed, and leaves that behind", async () => {
  const { command, pids } = unkillable();
  const agent = spawn(process.execPath, [join(import.meta.dirname, "hardware-child.ts"), command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    agent.kill("SIGKILL");
  });
  let said = "";
  agent.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await eventually(() => said.includes("sampled"));
  agent.kill("SIGTERM");
  await once(agent, "exit");
  expect(said).toContain("stopped");
  expect(agent.exitCode).toBe(0);
  const [stuckPid = 0] = pids();
  // Killed, and still there.
  expect(() => process.kill(stuckPid, 0)).not.toThrow();
});

test("a tool that cannot be killed is left behind when its time is over", async () => {
  const { command } = unkillable();
  const asked = outputOf(command, [], 1_000, new AbortController().signal);
  await expect(asked).rejects.toMatchObject({ code: "hardware/tool-hangs" });
});
