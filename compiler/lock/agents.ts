import {
  type AgentRelease,
  type Digest,
  type Host,
  type Processor,
  processors,
} from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import { LOCK_PATH } from "../source/source.ts";
import type { Lock } from "./artifact.ts";

/** The agent of a host for one processor. */
export interface AgentPackage {
  readonly version: string;
  readonly processor: Processor;
  readonly source: string;
  readonly digest: Digest;
  readonly size: number;
}

/** The agent that a host is to run: its own, else the fleet's; none: it stays as it is. */
export type AgentsOf = (host: Host) => readonly AgentPackage[];

type SpanOf = (path: readonly string[]) => Span;

/** Looks the archives of agents up in the lock. What is not what the definition says is reported and left out. */
export function agentsIn(
  { fleet, hosts }: Definitions,
  lock: Lock | undefined,
  found: Diagnostic[],
): AgentsOf {
  const of = (release: AgentRelease | undefined, spanOf: SpanOf) =>
    processors.flatMap((processor) => {
      const source = release?.packages[processor];
      if (release === undefined || source === undefined) return [];
      const at = spanOf(["agent", "packages", processor]);
      const locked = lockedAs({ version: release.version, processor, source }, lock, at);
      if (!("code" in locked)) return [locked];
      found.push(locked);
      return [];
    });
  const common = of(fleet.value.agent, fleet.spanOf);
  const own = new Map(
    [...hosts.values()].flatMap(({ value, spanOf }) =>
      value.agent === undefined ? [] : [[value.name, of(value.agent, spanOf)] as const],
    ),
  );
  return ({ name }) => own.get(name) ?? common;
}

function lockedAs(
  wanted: Pick<AgentPackage, "version" | "processor" | "source">,
  lock: Lock | undefined,
  at: Span,
): AgentPackage | Diagnostic {
  const { version, processor, source } = wanted;
  const artifact = lock?.artifacts.get(source);
  if (artifact === undefined)
    return {
      code: "lock/missing",
      severity: "error",
      message: `${LOCK_PATH} does not hold ${source}`,
      at,
      cure: "run millwright lock and commit the lock",
    };
  const { digest, size, facts } = artifact;
  const isSame =
    facts.kind === "agent" && facts.version === version && facts.processor === processor;
  if (isSame) return { ...wanted, digest, size };
  const is =
    facts.kind === "agent" ? `agent ${facts.version} for ${facts.processor}` : `a ${facts.kind}`;
  return {
    code: "lock/not-an-agent",
    severity: "error",
    message: `${source} is ${is}, not agent ${version} for ${processor}`,
    at,
    cure: "name the archive that npm run package:agent has made of it",
  };
}
