/** The units, judged by systemd itself; laid into an image, and taken away. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "mw-units-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function agent(...argv: readonly string[]) {
  const said = { out: "", err: "" };
  const code = await run(argv, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interactive: false,
    env: {},
    cwd: "/",
    signal: new AbortController().signal,
    now: () => 0,
  });
  return { code, ...said };
}

/** The units in a folder of their own, as `install --dry-run` prints them. */
async function units(): Promise<string> {
  const folder = temporary();
  const { out } = await agent("install", "--dry-run", "--json");
  const { files } = JSON.parse(out) as { files: { path: string; text: string }[] };
  for (const { path, text } of files)
    if (path.includes("/systemd/")) writeFileSync(join(folder, path.split("/").at(-1) ?? ""), text);
  return folder;
}

const analyze = (folder: string, ...args: readonly string[]) =>
  execFileSync("sh", ["-c", 'systemd-analyze "$@" 2>&1', "sh", ...args], {
    cwd: folder,
    encoding: "utf8",
  });

test("systemd-analyze verify has nothing to say but that an old systemd knows no steps of restarts", async () => {
  const folder = await units();
  const text = readFileSync(join(folder, "millwright-runner@.service"), "utf8");
  writeFileSync(join(folder, "millwright-runner@0.service"), text);
  const names = [
    "millwright-agent.service",
    "millwright-runner.socket",
    "millwright-runner@0.service",
  ];
  const said = analyze(folder, "verify", ...names.map((name) => `./${name}`));
  const news = said.split("\n").filter((line) => !/^$|'Restart(Steps|MaxDelaySec)'/.test(line));
  expect(news).toEqual([]);
});

test.each(["millwright-agent.service", "millwright-runner@.service"])(
  "systemd-analyze security gives %s an exposure of 3.0 at most",
  async (name) => {
    const folder = await units();
    // Exits with 1 above the threshold, which is in tenths.
    const said = analyze(
      folder,
      "security",
      "--offline=yes",
      "--threshold=30",
      "--no-pager",
      `./${name}`,
    );
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1])).toBeLessThanOrEqual(3);
  },
);

test("the agent may read the kernel's log, and has no other capability; a runner has none", async () => {
  const folder = await units();
  const linesOf = (name: string) => readFileSync(join(folder, name), "utf8").split("\n");
  const agentUnit = linesOf("millwright-agent.service");
  for (const line of ["CapabilityBoundingSet=CAP_SYSLOG", "AmbientCapabilities=CAP_SYSLOG"])
    expect(agentUnit).toContain(line);
  expect(agentUnit).toContain("ProtectKernelLogs=no");
  expect(agentUnit).toContain("DeviceAllow=/dev/kmsg r");
  const runner = linesOf("millwright-runner@.service");
  for (const line of ["CapabilityBoundingSet=", "AmbientCapabilities=", "ProtectKernelLogs=yes"])
    expect(runner).toContain(line);
  expect(runner.join("\n")).not.toContain("kmsg");
});

test("an install into an image makes units, user and state folder; twice it changes nothing", async () => {
  const root = temporary();
  mkdirSync(join(root, "etc"));
  const identity = join(root, "var/lib/millwright/identity");
  mkdirSync(identity, { recursive: true });
  writeFileSync(join(identity, "key.pem"), "a key");
  const secret = join(root, "etc/secret");
  writeFileSync(secret, "of root");
  symlinkSync(secret, join(identity, "trap"));
  expect(await agent("install", "--root", root)).toMatchObject({ code: 0 });
  const system = join(root, "etc/systemd/system");
  expect(readdirSync(join(system, "multi-user.target.wants"))).toEqual([
    "millwright-agent.service",
  ]);
  expect(lstatSync(join(system, "millwright-agent.service")).mode & 0o777).toBe(0o644);
  const passwd = readFileSync(join(root, "etc/passwd"), "utf8");
  const uid = Number(/^millwright:[^:]*:(\d+)/m.exec(passwd)?.[1]);
  expect(uid).toBeGreaterThan(0);
  expect(lstatSync(join(identity, "key.pem")).uid).toBe(uid);
  // A link to a file of root's does not hand that over.
  expect(lstatSync(secret).uid).toBe(0);
  const again = await agent("install", "--root", root);
  expect(again.err).not.toContain("wrote");
});

test("uninstall keeps the identity and what the hub has not acknowledged; --purge keeps nothing", async () => {
  const root = temporary();
  mkdirSync(join(root, "etc"));
  await agent("install", "--root", root);
  const state = join(root, "var/lib/millwright");
  for (const path of [
    "identity/key.pem",
    "spool/1/a",
    "blobs/sha256/m",
    "runners/r/s",
    "running.json",
    "slots/a/agent/agent.ts",
  ]) {
    mkdirSync(join(state, path, ".."), { recursive: true });
    writeFileSync(join(state, path), "something");
  }
  mkdirSync(join(state, "outbox"));
  writeFileSync(join(state, "outbox", "live"), "");
  expect(await agent("uninstall", "--root", root)).toMatchObject({ code: 0 });
  expect(readdirSync(state).sort()).toEqual(["identity", "spool"]);
  const left = readdirSync(join(root, "etc"), { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => name.includes("millwright"))).toEqual([]);
  expect(await agent("uninstall", "--root", root, "--purge")).toMatchObject({ code: 0 });
  expect(existsSync(state)).toBe(false);
});
