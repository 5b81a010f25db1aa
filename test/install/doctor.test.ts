/** What a doctor finds on hosts that are not well, each with a cure. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHostName } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { makeIdentity, openState } from "../../agent/disk/disk.ts";
import { checkAgent } from "../../agent/doctor/agent.ts";
import { checkClock } from "../../agent/doctor/clock.ts";
import { checkDisk } from "../../agent/doctor/disk.ts";
import { examine } from "../../agent/doctor/doctor.ts";
import { gpusIn, kernelLog } from "../../agent/doctor/driver.ts";
import { checkHub } from "../../agent/doctor/hub.ts";
import { checkKeys } from "../../agent/doctor/keys.ts";
import { checkPorts } from "../../agent/doctor/ports.ts";
import { checkSlots } from "../../agent/doctor/slots.ts";
import { within } from "../../agent/doctor/within.ts";
import { systemChance, systemClock } from "../../agent/life/life.ts";
import { writePointer } from "../../agent/update/slots.ts";

const never = new AbortController().signal;

async function host(hub = "ws://127.0.0.1:1") {
  const root = mkdtempSync(join(tmpdir(), "mw-doctor-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const state = await openState(root);
  const name = parseHostName("fra-1");
  if (name === undefined) throw new Error("impossible: fra-1 is a name");
  await makeIdentity(state, name, [hub]);
  return { state: root, clock: systemClock, chance: systemChance };
}

async function hub(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("every check is told, in one order, whatever the others find; nothing is changed", async () => {
  const patient = await host();
  const before = readdirSync(patient.state, { recursive: true });
  const findings = await examine(patient, never);
  const names = [...new Set(findings.map(({ check }) => check))];
  expect(names).toEqual([
    ...["driver", "disk", "keys", "clock", "hub", "agent", "ports", "engine", "service", "version"],
  ]);
  expect(readdirSync(patient.state, { recursive: true })).toEqual(before);
  for (const finding of findings) if (finding.status !== "ok") expect(finding.cure).not.toBe("");
  expect(findings).toContainEqual({
    ...{ check: "engine", status: "ok" },
    message: expect.stringMatching(/^node-llama-cpp \d.* loads$/),
  });
});

test("a check that hangs is left behind after its time, one that throws is told", async () => {
  const [hangs] = await within(50, () => new Promise(() => undefined), never);
  expect(hangs).toMatchObject({ status: "fail", message: "It took more than 0.05 s." });
  const [throws] = await within(50, () => Promise.reject(new Error("EIO")), never);
  expect(throws).toMatchObject({ status: "fail", message: "EIO" });
});

test("GPUs whose driver goes to sleep are told by their indices", () => {
  const line = (index: number, mode: string) =>
    `${index}, NVIDIA H200, 590.48.01, 143771 MiB, ${mode}`;
  expect(gpusIn([line(0, "Enabled"), line(1, "Disabled"), line(2, "[N/A]")].join("\n"))).toEqual([
    {
      status: "ok",
      message:
        "3 NVIDIA GPUs: 0, NVIDIA H200, 590.48.01, 143771 MiB; 1, NVIDIA H200, 590.48.01, 143771 MiB; 2, NVIDIA H200, 590.48.01, 143771 MiB",
    },
    {
      status: "warn",
      message: expect.stringContaining("off on GPU 1:"),
      cure: expect.stringContaining("nvidia-persistenced"),
    },
  ]);
});

test("a unit from before the kernel's log was read is told with how to renew it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mw-units-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const unit = join(folder, "millwright-agent.service");
  writeFileSync(unit, "[Service]\nCapabilityBoundingSet=\n");
  expect(await kernelLog([folder])).toMatchObject([
    { status: "warn", cure: expect.stringContaining("millwright-agent install") },
  ]);
  writeFileSync(unit, "[Service]\nCapabilityBoundingSet=CAP_SYSLOG\n");
  expect(await kernelLog(["/nowhere", folder])).toMatchObject([{ status: "ok" }]);
  // Without a unit it is the one who asks that counts.
  expect(await kernelLog(["/nowhere"], "/nowhere/kmsg")).toMatchObject([{ status: "warn" }]);
  expect(await kernelLog(["/nowhere"], "/dev/null")).toMatchObject([{ status: "ok" }]);
});

test("a state folder that others may look into, a key that others may read", async () => {
  const patient = await host();
  chmodSync(patient.state, 0o755);
  chmodSync(join(patient.state, "identity/key.pem"), 0o644);
  expect(await checkDisk(patient, never)).toContainEqual(
    expect.objectContaining({ status: "fail", cure: `Run chmod 700 ${patient.state}.` }),
  );
  const keys = await checkKeys(patient, never);
  expect(keys.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      "The host's private key can be read by others.",
      "The host has no root of trust.",
    ]),
  );
});

test("a state folder that is not there is no state folder to make", async () => {
  const patient = { state: "/nowhere/millwright", clock: systemClock, chance: systemChance };
  expect(await checkDisk(patient, never)).toMatchObject([
    { status: "fail", message: "/nowhere/millwright does not exist." },
  ]);
});

test("a disk that a restart empties is told", async () => {
  const patient = { state: "/dev/shm", clock: systemClock, chance: systemChance };
  const kind = execFileSync("stat", ["-f", "-c", "%T", "/dev/shm"], { encoding: "utf8" }).trim();
  expect(kind).toBe("tmpfs");
  expect(await checkDisk(patient, never)).toContainEqual(
    expect.objectContaining({
      status: "warn",
      message: "/dev/shm lies on tmpfs, which a restart empties.",
    }),
  );
});

test.each([
  [401, "fail", "does not know this host (HTTP 401)"],
  [404, "ok", "answers, and knows fra-1"],
  [502, "fail", "answers with HTTP 502"],
] as const)("a hub that answers %i: %s", async (code, status, words) => {
  const asked: string[] = [];
  const patient = await host(
    await hub((request, response) => {
      asked.push(request.headers.authorization ?? "");
      response.writeHead(code).end();
    }),
  );
  const [found] = await checkHub(patient, never);
  expect(found).toMatchObject({ status, message: expect.stringContaining(words) });
  expect(asked).toEqual([expect.stringMatching(/^Bearer ey/)]);
});

test("a hub that knows the host by another name, or has another time", async () => {
  const error = {
    code: "hub/renamed-host",
    message: "The fleet has the key under the name fra-9.",
  };
  const renamed = await host(
    await hub((_request, response) => {
      response.writeHead(401).end(JSON.stringify({ error }));
    }),
  );
  expect((await checkHub(renamed, never))[0]?.message).toContain("under the name fra-9");
  const late = await host(
    await hub((_request, response) => {
      response.writeHead(401, { date: new Date(Date.now() + 7_200_000).toUTCString() }).end();
    }),
  );
  expect((await checkHub(late, never))[0]?.message).toContain("2 hours behind the hub's");
});

test("what a running agent complains of is told by the doctor as well", async () => {
  const patient = await host();
  const conditions = [
    { code: "link/contested", severity: "error", message: "Another machine is fra-1.", since: 1 },
    { code: "trust/stale", severity: "warning", message: "Nobody vouches.", since: 1 },
    { code: "reconcile/held", severity: "info", message: "On hold.", since: 1 },
  ];
  const status = {
    ...{ schema: "status/1", host: "fra-1", agent: "0.1.0", at: 1, desired: null },
    ...{ attempted: null, running: null, gateway: null, deployments: {}, conditions },
  };
  const local = await hub((_request, response) => response.end(JSON.stringify(status)));
  const running = JSON.stringify({ pid: 1, local: new URL(local).host });
  writeFileSync(join(patient.state, "running.json"), running);
  expect(await checkAgent(patient, never)).toMatchObject([
    { status: "fail", message: "Another machine is fra-1." },
    { status: "warn", message: "Nobody vouches." },
  ]);
});

test("a hub that is not there, has no name, or is no TLS server: the first step that fails is told", async () => {
  const told = async (url: string) => (await checkHub(await host(url), never))[0]?.message;
  expect(await told("ws://127.0.0.1:1")).toContain("127.0.0.1 cannot be reached on port 1:");
  expect(await told("wss://hub.invalid")).toContain("hub.invalid has no address");
  const plain = (await hub((_request, response) => response.end())).replace("ws:", "wss:");
  expect(await told(plain)).toContain("the certificate of 127.0.0.1 is not accepted");
});

test("a clock that is wrong by its hub's", async () => {
  const patient = await host(
    await hub((_request, response) => {
      response.writeHead(200, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end();
    }),
  );
  const [found] = await checkClock(patient, never);
  expect(found).toMatchObject({
    status: "fail",
    message: expect.stringMatching(/^the clock is (3599|3600|3601) s ahead of ws:/),
  });
});

test("a port that another program has is told with how to find it", async () => {
  const taken = createTcpServer().listen(7431, "127.0.0.1");
  // Where somebody has it already, it is taken as well.
  await Promise.race([once(taken, "listening"), once(taken, "error")]).catch(() => undefined);
  onTestFinished(() => {
    taken.close();
  });
  const found = await checkPorts(await host(), never);
  expect(found).toContainEqual({
    ...{ status: "fail", message: expect.stringContaining("Port 7431") },
    cure: "See who has it: ss -ltnp 'sport = :7431'.",
  });
});

test("an agent that is gone is not taken for one that answers", async () => {
  const patient = await host();
  writeFileSync(join(patient.state, "running.json"), '{"pid":1,"local":"127.0.0.1:1"}');
  const found = await checkPorts(patient, never);
  expect(found.map(({ message }) => message)).not.toContain("the agent answers on 127.0.0.1:1");
  expect(found).toHaveLength(2);
});

test("which version starts is told, one on trial as such, and one that did not come up with its cure", async () => {
  const patient = await host();
  expect(await checkSlots(patient, never)).toEqual([
    { status: "ok", message: "the agent of the package is the one that starts" },
  ]);
  const digest = `sha256:${"d".repeat(64)}`;
  await writePointer(patient.state, {
    ...{ current: { slot: "b", version: "0.2.0", digest }, previous: null },
    ...{ confirmed: false, starts: 2 },
    failed: { version: "0.1.9", digest, reason: "it was started 3 times" },
  });
  const [trial, failed] = await checkSlots(patient, never);
  expect(trial).toMatchObject({
    status: "warn",
    message: expect.stringMatching(/^agent 0\.2\.0 .* slot b; .* started 2 times/),
  });
  expect(failed).toMatchObject({
    status: "fail",
    message: "Agent 0.1.9 did not come up here: it was started 3 times.",
  });
});
