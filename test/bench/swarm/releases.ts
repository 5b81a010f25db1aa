/** The revisions of a swarm's fleet: a real repository with a branch `releases`, made by the compiler's own release. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalBytes, digestOf, type Fleet, planTreeOf } from "@millwright/schema";
import type { Definitions } from "../../../compiler/check/check.ts";
import type { Compiled } from "../../../compiler/compile.ts";
import { initTrust, release } from "../../../compiler/release/release.ts";
import { prove } from "../../../compiler/sovereignty/sovereignty.ts";
import { planOf, type SwarmHost } from "./fleet.ts";

export interface Releases extends Disposable {
  readonly folder: string;
  readonly repository: string;
  readonly keysDir: string;
  /** The bytes of the first root of trust: what every host has pinned. */
  readonly root: Buffer;
  /** Makes the next revision. */
  next(): Promise<number>;
}

export async function releasesOf(
  hosts: readonly SwarmHost[],
  hub: string,
  signal: AbortSignal,
): Promise<Releases> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-swarm-"));
  const repository = join(folder, "repository");
  const keysDir = join(folder, "keys");
  execFileSync("git", ["init", "-q", "-b", "main", repository]);
  const git = (...args: readonly string[]) => {
    const who = ["-c", "user.name=Swarm", "-c", "user.email=swarm@example.org"];
    return execFileSync("git", ["-C", repository, ...who, ...args]);
  };
  const textOf = (...args: readonly string[]) =>
    git(...args)
      .toString("utf8")
      .trim();
  git("commit", "-q", "--allow-empty", "-m", "definitions");
  await initTrust({ repository, keysDir, now: Date.now() }, signal);
  let number = 0;
  return {
    ...{ folder, repository, keysDir },
    root: git("cat-file", "blob", "releases:metadata/1.root.json"),
    async next() {
      number += 1;
      git("commit", "-q", "--allow-empty", "-m", `revision ${number}`);
      const at = { commit: textOf("rev-parse", "HEAD"), tree: textOf("rev-parse", "HEAD^{tree}") };
      const compiled = compiledOf(hosts, hub, number);
      const source = { repository: "swarm", at };
      await release({ repository, source, compiled, signer: { keysDir }, now: Date.now() }, signal);
      return number;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What the compiler would give for these plans. */
function compiledOf(hosts: readonly SwarmHost[], hub: string, revision: number): Compiled {
  const plans = new Map(
    hosts.map((host) => {
      const plan = planOf(host, hub, revision);
      const bytes = canonicalBytes(plan);
      return [plan.host, { plan, bytes, digest: digestOf(bytes) }] as const;
    }),
  );
  const at = { file: "factories/fleet.ts", start: 0, end: 1 };
  const value: Fleet = { kind: "fleet", name: "swarm", hubs: [hub] };
  const none = new Map();
  const definitions: Definitions = {
    fleet: { value, at, spanOf: () => at },
    ...{
      hosts: none,
      models: none,
      adapters: none,
      datasets: none,
      factories: none,
      policies: none,
    },
  };
  const proved = prove(definitions, { placed: [], agentsOf: () => [] });
  if (!proved.ok) throw new Error("a proof of nothing failed");
  const tree = planTreeOf(new Map([...plans].map(([host, { digest }]) => [host, digest])));
  return { definitions, proved: proved.value, plans, tree, lock: undefined };
}
