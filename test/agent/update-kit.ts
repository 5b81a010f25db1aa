/** Small agents in archives, and packages with the real launcher: what a plan brings, without its 200 MB. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Entry, slotOf } from "../../agent/packaging/packaging.ts";
import { type Pointer, parsePointer, pointerText } from "../../agent/update/pointer.ts";

const sources = join(import.meta.dirname, "../../agent/update");

/** What the launcher consists of: it must need nothing else. */
const launcherFiles = [
  "launcher-main.ts",
  "choose.ts",
  "launched.ts",
  "newer.ts",
  "pointer.ts",
  "slot-files.ts",
];

/** Says who it is, and does what is asked of any agent that is to take over. */
export const sound = (version: string, then = "") => `
  const { MILLWRIGHT_LAUNCHED } = process.env;
  if (process.argv.includes("self-check")) console.log(JSON.stringify({ version: "${version}" }));
  else console.log(JSON.stringify({ version: "${version}", pid: process.pid, argv: process.argv.slice(2), launched: JSON.parse(MILLWRIGHT_LAUNCHED ?? "null") }));
  ${then}`;

/** An agent that takes its Node from this machine. */
export function treeOf(program: string): Entry[] {
  const file = (path: string, text: string, mode = 0o644): Entry => ({
    ...{ kind: "file", path, mode },
    bytes: Buffer.from(text),
  });
  return [
    file("bin/node", `#!/bin/sh\nexec ${process.execPath} "$@"\n`, 0o755),
    file("package.json", '{ "private": true, "type": "module" }\n'),
    file("agent/cli/millwright-agent.ts", program),
    file("schema/schema.ts", "export {};\n"),
    { kind: "link", path: "node_modules/@millwright/schema", target: "../../schema" },
  ];
}

export function archiveOf(
  version: string,
  program = sound(version),
  { entries = treeOf(program), processor = process.arch } = {},
): Uint8Array {
  const manifest = { schema: "agent-slot/1", version, processor: processor as "x64" } as const;
  return slotOf(manifest, entries, { seconds: 0, level: 1 });
}

export interface Host {
  readonly folder: string;
  readonly state: string;
  readonly launcher: string;
  /** Puts an agent into a slot. */
  slot(name: "a" | "b", version: string, program?: string): void;
  point(pointer: Partial<Pointer> | string): void;
  pointer(): Pointer | undefined;
  /** Has the launcher start what it chooses, and waits for its end. */
  start(...args: readonly string[]): Promise<Started>;
}

export interface Started {
  readonly code: number | null;
  /** What the agent said of itself; `undefined` when it said nothing. */
  readonly said: { version: string; pid: number; argv: string[]; launched: unknown } | undefined;
  readonly pid: number | undefined;
  readonly err: string;
}

export const digest = `sha256:${"d".repeat(64)}`;
export const none: Pointer = {
  ...{ current: null, previous: null, confirmed: true, starts: 0, failed: null },
};

/** A host with the package of version 0.1.0. */
export function hostOf(packaged = "0.1.0"): Host {
  const folder = mkdtempSync(join(tmpdir(), "mw-update-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const state = join(folder, "state");
  const home = join(folder, "package");
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text, { mode });
  };
  write(join(home, "agent/package.json"), JSON.stringify({ version: packaged, type: "module" }));
  write(join(home, "agent/cli/millwright-agent.ts"), sound(packaged));
  mkdirSync(join(home, "agent/update"));
  for (const name of launcherFiles)
    copyFileSync(join(sources, name), join(home, "agent/update", name));
  mkdirSync(join(state, "slots"), { recursive: true });
  const launcher = join(home, "agent/update/launcher-main.ts");
  const current = join(state, "slots/current.json");
  return {
    ...{ folder, state, launcher },
    slot(name, version, program = sound(version)) {
      for (const entry of treeOf(program))
        if (entry.kind === "file")
          write(join(state, "slots", name, entry.path), entry.bytes.toString(), entry.mode);
    },
    point: (pointer) =>
      writeFileSync(
        current,
        typeof pointer === "string" ? pointer : pointerText({ ...none, ...pointer }),
      ),
    pointer: () => parsePointer(readFileSync(current, "utf8")),
    async start(...args) {
      const words = args.length === 0 ? ["run", "--state", state] : args;
      const child = spawn(process.execPath, [launcher, ...words], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [out, err] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        err += text;
      });
      const [code] = (await once(child, "close")) as [number | null];
      const [line = ""] = out.split("\n");
      return { code, pid: child.pid, err, said: line === "" ? undefined : JSON.parse(line) };
    },
  };
}
