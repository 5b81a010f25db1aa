/** What an agent reports, in parts, so that only what changed since the last report need travel (OpAMP, "status compression"). */
import { type } from "node:os";
import { type AgentStatus, canonicalDigest, telemetryCapability } from "@millwright/schema";
import {
  AgentCapabilities,
  type encodeAgentFrame,
  linkCapability,
  STATUS_FILE,
} from "@millwright/schema/opamp";
import type { ConfigState } from "./offers.ts";

export type AgentMessage = Parameters<typeof encodeAgentFrame>[0];

export const capabilities = BigInt(
  AgentCapabilities.AgentCapabilities_ReportsStatus |
    AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig |
    AgentCapabilities.AgentCapabilities_ReportsEffectiveConfig |
    AgentCapabilities.AgentCapabilities_ReportsHealth |
    AgentCapabilities.AgentCapabilities_ReportsRemoteConfig |
    AgentCapabilities.AgentCapabilities_ReportsHeartbeat,
);

const customCapabilities = [telemetryCapability, linkCapability];

/** One part of a report. Equal fingerprints, equal parts. */
export interface Part {
  readonly name: string;
  readonly fingerprint: string;
  readonly fields: AgentMessage;
}

export function partsOf(
  status: AgentStatus,
  config: ConfigState | undefined,
  startedAt: number,
): readonly Part[] {
  const { at: _, ...facts } = status;
  const body = Buffer.from(JSON.stringify(status));
  const effectiveConfig = {
    configMap: { configMap: { [STATUS_FILE]: { body, contentType: "application/json" } } },
  };
  const health = healthOf(status, startedAt);
  const description = descriptionOf(status);
  return [
    part("description", description, { agentDescription: description }),
    part("capabilities", customCapabilities, {
      customCapabilities: { capabilities: customCapabilities },
    }),
    part("health", facts, { health }),
    // Without the instant: that time passes is no news, and a hub that is told so for ever answers for ever.
    part("status", facts, { effectiveConfig }),
    ...(config === undefined
      ? []
      : [
          part(
            "config",
            { ...config, lastRemoteConfigHash: [...config.lastRemoteConfigHash] },
            { remoteConfigStatus: config },
          ),
        ]),
  ];
}

function part(name: string, facts: unknown, fields: AgentMessage): Part {
  return { name, fingerprint: canonicalDigest(facts), fields };
}

function descriptionOf({ host, agent }: AgentStatus) {
  const attribute = (key: string, text: string) => ({
    key,
    value: { value: { case: "stringValue" as const, value: text } },
  });
  return {
    identifyingAttributes: [
      attribute("service.name", "millwright-agent"),
      attribute("service.version", agent),
      attribute("host.name", host),
    ],
    nonIdentifyingAttributes: [attribute("os.type", type().toLowerCase())],
  };
}

function healthOf(status: AgentStatus, startedAt: number) {
  const wrong = status.conditions.find(({ severity }) => severity === "error");
  return {
    healthy: wrong === undefined,
    startTimeUnixNano: BigInt(startedAt) * 1_000_000n,
    lastError: wrong === undefined ? "" : `${wrong.code}: ${wrong.message}`,
    status: status.running === null ? "nothing runs" : `revision ${status.running.revision} runs`,
    componentHealthMap: Object.fromEntries(
      Object.entries(status.deployments).map(([name, { state, reason = "" }]) => [
        name,
        { healthy: state === "ready", status: state, lastError: reason },
      ]),
    ),
  };
}
