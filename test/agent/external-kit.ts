/** Hosts whose operator allows the engines of the tests. */
import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openState } from "../../agent/disk/disk.ts";
import { silentJournal, systemClock } from "../../agent/life/life.ts";
import { type RunnerSpec, runnersIn } from "../../agent/runner/runner.ts";
import { type Host, never, specOf } from "./runner-kit.ts";

export const engineProgram = join(import.meta.dirname, "engine-child.ts");
export const rogueProgram = join(import.meta.dirname, "rogue-engine-child.ts");

/** What a host's operator writes down, so that these two may run. */
export const allowed = `# engines of the tests\n${process.execPath} ${engineProgram}\n${process.execPath} ${rogueProgram}\n`;

interface ExternalHost extends Host {
  /** The file in which the operator writes. */
  readonly list: string;
}

/** `list`: what the operator wrote. */
export async function externalHost(list = allowed): Promise<ExternalHost> {
  const { host, end } = await openExternalHost(list);
  onTestFinished(end);
  return host;
}

/** For `beforeAll`, which returns `end`. */
export async function openExternalHost(
  list = allowed,
): Promise<{ host: ExternalHost; end(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "mw-external-"));
  const state = await openState(join(root, "state"));
  const engines = join(root, "engines");
  await writeFile(engines, list, { mode: 0o644 });
  const runners = runnersIn({ state, clock: systemClock, journal: silentJournal, engines });
  return {
    host: { ...runners, state, list: engines },
    async end() {
      for (const handle of await runners.adopt(never)) await handle.stop(AbortSignal.abort());
      await rm(root, { recursive: true, force: true });
    },
  };
}

export type PlannedEngine = NonNullable<RunnerSpec["engine"]>;

/** A real model behind a real server. */
export const realEngine: PlannedEngine = {
  command: ["node", engineProgram, "{model}", "{port}", "{name}", "{context}", "{parallel}"],
  env: { ENGINE_KEY: "{key}" },
  probe: { path: "/healthz", everyMs: 5_000 },
};

export function externalSpec(changes: Partial<RunnerSpec> = {}): RunnerSpec {
  return specOf({ engine: realEngine, ...changes });
}

/** An instance whose engine does one thing wrong. */
export function rogueSpec(what: string, probe: Partial<PlannedEngine["probe"]> = {}): RunnerSpec {
  return specOf({
    engine: {
      command: ["node", rogueProgram, what, "{port}"],
      env: { ENGINE_KEY: "{key}" },
      probe: { path: "/health", everyMs: 5_000, ...probe },
    },
  });
}

/** The processes that work in a folder. */
export async function workersIn(folder: string): Promise<readonly number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(
    names.map(async (name) => [name, await readlink(`/proc/${name}/cwd`).catch(() => "")] as const),
  );
  return places
    .filter(([, place]) => place === folder || place === `${folder} (deleted)`)
    .map(([name]) => Number(name));
}
