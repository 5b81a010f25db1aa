/** The package for Debian: what is in it, and that it is the same wherever and whenever it is built. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closureOf } from "../../agent/packaging/packaging.ts";
import { proveSlot } from "../../agent/update/prove-slot.ts";
import { unpack } from "../../agent/update/unpack.ts";
import { checkout, quickPackage, quickSlot } from "./package-kit.ts";

const folder = mkdtempSync(join(tmpdir(), "mw-package-"));
const file = join(folder, "agent.deb");
let built: Awaited<ReturnType<typeof quickPackage>>;

beforeAll(async () => {
  built = await quickPackage();
  writeFileSync(file, built.bytes);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const lockfile = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")).packages;
const deb = (...args: readonly string[]) =>
  execFileSync("/usr/bin/dpkg-deb", args, { encoding: "utf8", maxBuffer: 64 * 1024 ** 2 });
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("a checkout in another folder, with other times, gives the same bytes", async () => {
  const other = join(folder, "elsewhere");
  for (const part of ["agent", "schema", "package-lock.json"])
    cpSync(join(checkout, part), join(other, part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(other, "node_modules"));
  utimesSync(join(other, "agent/agent.ts"), 1, 1);
  const again = await quickPackage(other);
  expect(digestOf(again.bytes)).toBe(digestOf(built.bytes));
}, 180_000);

test("the archive for plans holds the same agent, which runs where it is unpacked, with its own Node", async () => {
  const { name, bytes } = await quickSlot();
  expect(name).toBe(`millwright-agent-${lockfile.agent.version}-linux-${process.arch}.tar.zst`);
  const state = join(folder, "state");
  writeFileSync(join(folder, name), bytes);
  await unpack(join(folder, name), state, "a", never);
  const wanted = { version: lockfile.agent.version, processor: process.arch };
  await proveSlot(join(state, "slots/a"), wanted, never);
}, 60_000);

test("dpkg reads it, and everything in it belongs to root and has one time", () => {
  expect(deb("--field", file, "Package", "Version")).toBe(
    `Package: millwright-agent\nVersion: ${lockfile.agent.version}\n`,
  );
  const lines = deb("--contents", file).trim().split("\n");
  expect(lines.length).toBeGreaterThan(1000);
  expect(lines.filter((line) => !/^[-dl]\S+ root\/root +\d+ 2026-01-01 00:00 /.test(line))).toEqual(
    [],
  );
  expect(lines.filter((line) => /^[-d].....w/.test(line) || /^-..[sS]/.test(line))).toEqual([]);
});

test("it holds the agent's programs, the packages that stand by themselves and one Node, and nothing that serves to build", () => {
  const paths = deb("--contents", file)
    .trim()
    .split("\n")
    .map((line) => line.slice(line.indexOf(" ./") + 3));
  for (const path of [
    "usr/bin/millwright-agent",
    "usr/lib/millwright/bin/node",
    "usr/lib/millwright/agent/runner/process/start.sh",
    "usr/lib/millwright/agent/cli/millwright-agent.ts -> millwright-agent.js",
    "usr/lib/millwright/agent/update/launcher-main.js",
    "usr/lib/millwright/node_modules/node-llama-cpp/dist/index.js",
    // What went into the bundles leaves its terms.
    "usr/lib/millwright/node_modules/fastify/LICENSE",
    "usr/lib/systemd/system/millwright-agent.service",
    "usr/lib/systemd/system/millwright-runner@.service",
    "usr/lib/sysusers.d/millwright.conf",
    "usr/share/doc/millwright-agent/copyright",
  ])
    expect(paths).toContain(path);
  const unwanted =
    /\/(typescript|ts-morph|vitest|rolldown|@biomejs)\/|millwright\/(compiler|schema|agent\/packaging)\/|fastify\/.*\.js$|\.d\.ts$|\.map$/;
  expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
});

test("the closure is that of the lockfile, for either processor, with the one engine it needs", () => {
  expect(closureOf(lockfile, "x64", ["ws"]).map(({ path }) => path)).toEqual(["node_modules/ws"]);
  for (const [cpu, other] of [
    ["x64", "arm64"],
    ["arm64", "x64"],
  ] as const) {
    const paths = closureOf(lockfile, cpu).map(({ path }) => path);
    expect(paths).toContain(`node_modules/@node-llama-cpp/linux-${cpu}`);
    expect(paths).toContain("node_modules/canonicalize");
    expect(
      paths.filter((path) => path.includes(`linux-${other}`) || /darwin|win32|musl/.test(path)),
    ).toEqual([]);
    // Whatever a package needs is there, too.
    for (const path of paths)
      for (const name of Object.keys(lockfile[path].dependencies ?? {}))
        expect(
          paths.some((found) => found.endsWith(`node_modules/${name}`)),
          name,
        ).toBe(true);
  }
});

test("a lockfile that lacks what the agent needs is refused", () => {
  const lacking = { agent: { dependencies: { ws: "8" } } };
  expect(() => closureOf(lacking, "x64")).toThrow("the lockfile does not hold ws");
});
