import {
  AgentStatus,
  firstError,
  Inventory,
  parseJson,
  readerOf,
  SeriesList,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import {
  type AgentToServer,
  RemoteConfigStatuses,
  type ServerToAgent,
  ServerToAgentFlags,
  STATUS_FILE,
} from "@millwright/schema/opamp";
import type { HostView } from "../fleet/fleet.ts";

const readStatus = readerOf(AgentStatus);
const readSeries = readerOf(SeriesList);
const readInventory = readerOf(Inventory);

/** What a message came to. `wrong`: in words, what the host did that it must not do. */
export interface Heard {
  readonly wrong: readonly string[];
  /** Something is missing: the host is to say everything. */
  readonly incomplete: boolean;
  readonly goodbye: boolean;
  /** The host said something that outlasts a restart of the hub. */
  readonly lasting: boolean;
  /** The host could not do what it was offered; told once. */
  readonly failure: string | undefined;
}

/** One connection's talk with a host: what was said is put where it belongs. */
export interface Session {
  hear(message: AgentToServer, now: number): Heard;
  readonly instance: Uint8Array | undefined;
}

export function sessionOf(host: HostView): Session {
  let instance: Uint8Array | undefined;
  let sequence: bigint | undefined;
  host.telemetry.reconnect();
  return {
    get instance() {
      return instance;
    },
    hear(message, now) {
      host.lastSeen = now;
      const wrong: string[] = [];
      const note = (complaint: string | undefined) => {
        if (complaint !== undefined) wrong.push(complaint);
      };
      // A copy: what was decoded is a view into all the bytes that came with it, and would keep them.
      if (message.instanceUid.length === 16) instance = Uint8Array.from(message.instanceUid);
      else note(`instance_uid has ${message.instanceUid.length} bytes; it must have 16`);
      const { sequenceNum, effectiveConfig } = message;
      // Without a predecessor there is no gap; but then the first message has to say everything.
      const incomplete =
        sequence === undefined ? effectiveConfig === undefined : sequenceNum !== sequence + 1n;
      sequence = sequenceNum;
      const file = effectiveConfig?.configMap?.configMap[STATUS_FILE];
      if (file !== undefined) note(takeStatus(host, file.body));
      const failure = takeConfig(host, message);
      takeHealth(host, message);
      note(takeTelemetry(host, message));
      const goodbye = message.agentDisconnect !== undefined;
      const lasting = file !== undefined || isInventory(message);
      return { wrong, incomplete, goodbye, lasting, failure };
    },
  };
}

function isInventory({ customMessage }: AgentToServer): boolean {
  const { capability, type } = customMessage ?? {};
  return capability === telemetryCapability && type === telemetryTypes.inventory;
}

/** The flags of an answer. */
export function flagsOf({ incomplete }: Heard): ServerToAgent["flags"] {
  return BigInt(
    incomplete
      ? ServerToAgentFlags.ServerToAgentFlags_ReportFullState
      : ServerToAgentFlags.ServerToAgentFlags_Unspecified,
  );
}

function takeStatus(host: HostView, body: Uint8Array): string | undefined {
  const status = readStatus(parseJson(Buffer.from(body).toString("utf8")));
  if (!status.ok) return `${STATUS_FILE}: ${firstError(status.errors)}`;
  // A host speaks for itself alone.
  if (status.value.host !== host.name) return `${STATUS_FILE} is of another host`;
  host.status = status.value;
  return undefined;
}

const configStates = {
  [RemoteConfigStatuses.RemoteConfigStatuses_APPLIED]: "applied",
  [RemoteConfigStatuses.RemoteConfigStatuses_APPLYING]: "applying",
  [RemoteConfigStatuses.RemoteConfigStatuses_FAILED]: "failed",
  [RemoteConfigStatuses.RemoteConfigStatuses_UNSET]: undefined,
} as const;

/** Gives the reason when the host reports a failure that it has not reported before. */
function takeConfig(host: HostView, { remoteConfigStatus }: AgentToServer): string | undefined {
  if (remoteConfigStatus === undefined) return undefined;
  const { status, errorMessage, lastRemoteConfigHash } = remoteConfigStatus;
  const before = host.config;
  const state = configStates[status];
  const hash = Buffer.from(lastRemoteConfigHash.subarray(0, 64)).toString("hex");
  const message = errorMessage.slice(0, 4_000);
  host.config = state && { state, message, hash };
  const known = before?.state === "failed" && before.hash === hash && before.message === message;
  return state === "failed" && !known ? message : undefined;
}

function takeHealth(host: HostView, { health }: AgentToServer): void {
  if (health === undefined) return;
  host.health = {
    healthy: health.healthy,
    status: health.status.slice(0, 1_000),
    lastError: health.lastError.slice(0, 4_000),
  };
}

function takeTelemetry(host: HostView, { customMessage }: AgentToServer): string | undefined {
  // A capability that we do not have is none of our business (OpAMP, "Custom messages").
  if (customMessage?.capability !== telemetryCapability) return undefined;
  const { type, data } = customMessage;
  switch (type) {
    case telemetryTypes.series: {
      const series = readSeries(parseJson(Buffer.from(data).toString("utf8")));
      if (!series.ok) return `series: ${firstError(series.errors)}`;
      host.telemetry.declare(series.value);
      return undefined;
    }
    case telemetryTypes.sample:
      return host.telemetry.take(data)
        ? undefined
        : `a sample of ${data.length} bytes does not fit the declared series`;
    case telemetryTypes.inventory: {
      const inventory = readInventory(parseJson(Buffer.from(data).toString("utf8")));
      if (!inventory.ok) return `inventory: ${firstError(inventory.errors)}`;
      host.inventory = inventory.value;
      return undefined;
    }
    default:
      return `there is no custom message ${JSON.stringify(type.slice(0, 40))}`;
  }
}
