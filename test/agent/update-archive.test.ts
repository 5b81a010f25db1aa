/** What a slot is made from: an archive that a plan names, and that must not be believed any further than that. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { tarOf } from "../../agent/packaging/packaging.ts";
import { carryEngines } from "../../agent/update/engines.ts";
import { proveSlot } from "../../agent/update/prove-slot.ts";
import { unpack } from "../../agent/update/unpack.ts";
import { archiveOf, sound, treeOf } from "./update-kit.ts";

const never = new AbortController().signal;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mw-archive-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A state folder in which slot a holds an agent, and what unpacking something into slot b led to. */
async function unpacking(bytes: Uint8Array) {
  const around = folder();
  const state = join(around, "state");
  mkdirSync(join(state, "slots/a"), { recursive: true });
  writeFileSync(join(state, "slots/a/runs"), "it");
  const archive = join(around, "archive");
  writeFileSync(archive, bytes);
  const failure = await unpack(archive, state, "b", never).then(
    () => undefined,
    (error: { code?: string; message?: string }) => error,
  );
  return { around, state, failure, slot: join(state, "slots/b") };
}

/** A header that says what no packer of ours would. */
function header(fields: {
  readonly name: string;
  readonly type?: string;
  readonly size?: number;
  readonly target?: string;
  readonly magic?: string;
}): Buffer {
  const { name, type = "0", size = 0, target = "", magic = "ustar\0" } = fields;
  const block = Buffer.from(
    tarOf([{ kind: "file", path: "x", bytes: new Uint8Array(), mode: 0o644 }], 0).subarray(0, 512),
  );
  block.fill(0, 0, 100);
  block.write(name, 0);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(type, 156);
  block.write(target, 157);
  block.write(magic, 257);
  block.write("        ", 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const end = Buffer.alloc(1024);
const packed = (...blocks: readonly Uint8Array[]) => zstdCompressSync(Buffer.concat(blocks));
const link = (name: string, target: string) => header({ name, type: "2", target });
const honest = tarOf(treeOf(sound("0.2.0")), 0);

test("an agent is unpacked with its programs and links, and the slot that runs stays as it was", async () => {
  const { state, slot, failure } = await unpacking(archiveOf("0.2.0"));
  expect(failure).toBeUndefined();
  expect(statSync(join(slot, "bin/node")).mode & 0o777).toBe(0o700);
  expect(statSync(join(slot, "package.json")).mode & 0o777).toBe(0o600);
  expect(readlinkSync(join(slot, "node_modules/@millwright/schema"))).toBe("../../schema");
  expect(readFileSync(join(slot, "node_modules/@millwright/schema/schema.ts"), "utf8")).toContain(
    "export",
  );
  expect(readFileSync(join(state, "slots/a/runs"), "utf8")).toBe("it");
  expect(readdirSync(join(state, "slots")).sort()).toEqual(["a", "b"]);
});

test("what lay in the slot before is gone, file by file", async () => {
  const { state, slot, around } = await unpacking(archiveOf("0.2.0"));
  writeFileSync(join(slot, "agent/left-over.ts"), "");
  await unpack(join(around, "archive"), state, "b", never);
  expect(existsSync(join(slot, "agent/left-over.ts"))).toBe(false);
  expect(existsSync(join(slot, "bin/node"))).toBe(true);
});

const hostile: Readonly<Record<string, Uint8Array>> = {
  "a path that climbs": packed(header({ name: "../../outside" }), end),
  "a path that climbs later": packed(header({ name: "bin/../../../outside" }), end),
  "an absolute path": packed(header({ name: "/tmp/mw-outside" }), end),
  "an empty name in a path": packed(header({ name: "bin//node" }), end),
  "a name with a line break": packed(header({ name: "bin/no\nde" }), end),
  "a name for Windows": packed(header({ name: "..\\..\\outside" }), end),
  "an absolute link": packed(link("etc", "/etc"), end),
  "a link that climbs out": packed(link("bin/out", "../../outside"), end),
  "a link that climbs on its way": packed(link("bin/out", "x/../../../outside"), end),
  "a file through a link": packed(link("out", "bin"), header({ name: "out/node" }), end),
  "a hard link": packed(header({ name: "x", type: "1", target: "/etc/passwd" }), end),
  "a device": packed(header({ name: "x", type: "3" }), end),
  "a pipe": packed(header({ name: "x", type: "6" }), end),
  "an extension of pax": packed(header({ name: "x", type: "x" }), end),
  "a file twice": packed(header({ name: "x" }), header({ name: "x" }), end),
  "a file under a file": packed(header({ name: "x" }), header({ name: "x/y" }), end),
  "a link that holds bytes": packed(header({ name: "x", type: "2", target: "y", size: 1 }), end),
  "a file of three gigabytes": packed(header({ name: "x", size: 3 * 1024 ** 3 }), end),
  "a damaged header": packed(header({ name: "x" }).fill("y", 0, 1), end),
  "another form of tar": packed(header({ name: "x", magic: "GNUtar" }), end),
  "an end that comes too soon": packed(honest.subarray(0, 700)),
  "no end": packed(honest.subarray(0, honest.length - 1024)),
  "something after the end": packed(honest, Buffer.from("#!/bin/sh\n")),
  "no compression": honest,
  "a compression that breaks off": archiveOf("0.2.0").subarray(0, 200),
  nothing: new Uint8Array(),
  "more memory than there may be": zstdCompressSync(Buffer.alloc(300_000_000), {
    params: {
      [constants.ZSTD_c_windowLog]: 28,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_compressionLevel]: 1,
    },
  }),
};

test.each(Object.entries(hostile))("%s is refused, and nothing is left of it", async (_, bytes) => {
  const { around, state, slot, failure } = await unpacking(bytes);
  expect(failure).toMatchObject({ code: "update/bad-archive" });
  expect(failure?.message).toMatch(/^its archive is refused: /);
  expect(existsSync(slot)).toBe(false);
  expect(readdirSync(join(state, "slots"))).toEqual(["a"]);
  // Where paths that climb would have led.
  expect(readdirSync(around).sort()).toEqual(["archive", "state"]);
  expect(readdirSync(state)).toEqual(["slots"]);
  expect(existsSync("/tmp/mw-outside")).toBe(false);
});

const wanted = { version: "0.2.0", processor: process.arch };
const other = process.arch === "x64" ? "arm64" : "x64";

test.each([
  ["of another version", archiveOf("0.3.0"), "agent 0.3.0"],
  ["for another processor", archiveOf("0.2.0", undefined, { processor: other }), `for ${other}`],
  ["that says it is another", archiveOf("0.2.0", sound("0.1.0")), "does not say that it is 0.2.0"],
])("an agent %s is none that was asked for", async (_what, bytes, message) => {
  const { slot } = await unpacking(bytes);
  const proving = proveSlot(slot, wanted, never);
  await expect(proving).rejects.toMatchObject({
    ...{ code: "update/bad-archive", message: expect.stringContaining(message) },
  });
});

test("an agent that does not load on this host is refused in its own words, without this agent's environment", async () => {
  process.env["MILLWRIGHT_TEST_SECRET"] = "of the agent";
  onTestFinished(() => {
    delete process.env["MILLWRIGHT_TEST_SECRET"];
  });
  const program = `throw new Error("GLIBC_9 not found; " + process.env.MILLWRIGHT_TEST_SECRET);`;
  const { slot } = await unpacking(archiveOf("0.2.0", program));
  await expect(proveSlot(slot, wanted, never)).rejects.toMatchObject({
    code: "update/does-not-run",
    message: expect.stringContaining("GLIBC_9 not found; undefined"),
  });
});

test("an engine for GPUs that an operator fetched serves the new agent too, or keeps it out", async () => {
  const here = folder();
  const put = (path: string, version: string) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "package.json"), JSON.stringify({ version }));
  };
  const engines = "node_modules/@node-llama-cpp";
  put(join(here, `node_modules/.millwright-engines/${engines}/linux-x64-cuda`), "3.22.1");
  put(join(here, engines, "linux-x64"), "3.22.1");
  symlinkSync(
    `../.millwright-engines/${engines}/linux-x64-cuda`,
    join(here, engines, "linux-x64-cuda"),
  );
  const fresh = (version: string) => {
    const to = folder();
    put(join(to, "node_modules/node-llama-cpp"), version);
    put(join(to, engines, "linux-x64"), version);
    return to;
  };
  const same = fresh("3.22.1");
  expect(await carryEngines(here, same)).toEqual(["linux-x64-cuda"]);
  expect(readFileSync(join(same, engines, "linux-x64-cuda/package.json"), "utf8")).toContain(
    "3.22.1",
  );
  await expect(carryEngines(here, fresh("3.23.0"))).rejects.toMatchObject({
    code: "update/other-engine",
    message: expect.stringContaining("millwright-agent engine cuda"),
  });
});
