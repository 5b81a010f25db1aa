/** A repository of its own for each test, plans made by hand, and a forger who rewrites what is on a branch. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  canonicalBytes,
  digestOf,
  type Fleet,
  type HostName,
  type HostPlan,
  type PublicKey,
  parseHostName,
  parsePublicKey,
  planTreeOf,
} from "@millwright/schema";
import { onTestFinished } from "vitest";
import type { Definitions } from "../../compiler/check/check.ts";
import type { Compiled } from "../../compiler/compile.ts";
import { initTrust, type ReleaseRequest, release } from "../../compiler/release/release.ts";
import { prove } from "../../compiler/sovereignty/sovereignty.ts";

export const NOON: number = Date.parse("2026-11-23T12:00:00Z");
export const MINUTE = 60_000;
export const DAY = 86_400_000;
export const signal: AbortSignal = new AbortController().signal;

export interface Workshop {
  readonly folder: string;
  readonly repository: string;
  readonly keysDir: string;
  readonly git: (...args: readonly string[]) => string;
}

/** A repository with one commit, beside a place for keys. */
export function workshop(format = "sha1"): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "millwright-release-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const repository = join(folder, "repository");
  execFileSync("git", ["init", "-q", "-b", "main", `--object-format=${format}`, repository]);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" }).trim();
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  writeFileSync(join(repository, "definitions.ts"), "one\n");
  git("add", "definitions.ts");
  git("commit", "-q", "-m", "definitions");
  return { folder, repository, keysDir: join(folder, "keys"), git };
}

/** A workshop that `init` has seen. */
export async function initialised(options: Partial<Parameters<typeof initTrust>[0]> = {}) {
  const shop = workshop();
  const { repository, keysDir } = shop;
  const trust = await initTrust({ repository, keysDir, now: NOON, ...options }, signal);
  return { ...shop, trust };
}

export function hostNamed(name: string): HostName {
  const host = parseHostName(name);
  if (host === undefined) throw new Error(`no host name: ${name}`);
  return host;
}

export function planFor(name: string, everyMs = 10_000): HostPlan {
  const key: PublicKey | undefined = parsePublicKey(`ed25519:Aw${"A".repeat(41)}`);
  if (key === undefined) throw new Error("no key");
  return {
    schema: "plan/1",
    host: hostNamed(name),
    key,
    site: "fra",
    region: "de",
    hubs: ["ws://127.0.0.1:7420"],
    gateway: { listen: "127.0.0.1:7430" },
    telemetry: { everyMs },
    blobs: {},
    deployments: {},
    routes: {},
    factories: {},
  };
}

/** What the compiler would give for these plans. */
export function compiledOf(plans: readonly HostPlan[]): Compiled {
  const rendered = new Map(
    plans.map((plan) => {
      const bytes = canonicalBytes(plan);
      return [plan.host, { plan, bytes, digest: digestOf(bytes) }] as const;
    }),
  );
  const at = { file: "factories/fleet.ts", start: 0, end: 1 };
  const value: Fleet = { kind: "fleet", name: "mills", hubs: ["ws://127.0.0.1:7420"] };
  const definitions: Definitions = {
    fleet: { value, at, spanOf: () => at },
    hosts: new Map(),
    models: new Map(),
    adapters: new Map(),
    datasets: new Map(),
    factories: new Map(),
    policies: new Map(),
  };
  const proved = prove(definitions, { placed: [], agentsOf: () => [] });
  if (!proved.ok) throw new Error("a proof of nothing failed");
  return {
    definitions,
    proved: proved.value,
    plans: rendered,
    tree: planTreeOf(new Map([...rendered].map(([host, { digest }]) => [host, digest]))),
    lock: undefined,
  };
}

/** A release of these plans, as of a new commit on `main`. */
export function releaseOf(
  { repository, keysDir, git }: Workshop,
  plans: readonly HostPlan[],
  options: Partial<ReleaseRequest> = {},
): ReturnType<typeof release> {
  git("commit", "-q", "--allow-empty", "-m", "change");
  return release(
    {
      repository,
      source: sourceOf(git),
      compiled: compiledOf(plans),
      signer: { keysDir },
      now: NOON,
      ...options,
    },
    signal,
  );
}

export function sourceOf(git: Workshop["git"]): ReleaseRequest["source"] {
  const at = { commit: git("rev-parse", "HEAD"), tree: git("rev-parse", "HEAD^{tree}") };
  return { repository: "mills", at };
}

/** What someone does who can push to a branch but holds no key: puts a commit with other files on top. */
export function forge(
  { repository, folder, git }: Workshop,
  ref: string,
  files: Readonly<Record<string, Uint8Array | string | undefined>>,
): void {
  const env = { ...process.env, GIT_INDEX_FILE: join(folder, "forger-index") };
  const run = (args: readonly string[], input: Uint8Array | string = "") =>
    execFileSync("git", ["-C", repository, ...args], { env, input })
      .toString("utf8")
      .trim();
  run(["read-tree", ref]);
  for (const [path, bytes] of Object.entries(files)) {
    if (bytes === undefined) run(["update-index", "--force-remove", path]);
    else {
      const id = run(["hash-object", "-w", "--stdin"], bytes);
      run(["update-index", "--add", "--cacheinfo", `100644,${id},${path}`]);
    }
  }
  const commit = run(["commit-tree", run(["write-tree"]), "-p", ref, "-m", "forged"]);
  git("update-ref", ref, commit);
}

/** The bytes of a file at a commit. */
export function fileAt({ repository }: Workshop, ref: string, path: string): Buffer {
  return execFileSync("git", ["-C", repository, "cat-file", "blob", `${ref}:${path}`]);
}
