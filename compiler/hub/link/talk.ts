import { telemetryCapability } from "@millwright/schema";
import {
  type AgentToServer,
  AgentToServerFlags,
  encodeReconnect,
  type encodeServerFrame,
  linkCapability,
  RECONNECT_TYPE,
  ServerCapabilities,
  ServerErrorResponseType,
  type ServerToAgent,
} from "@millwright/schema/opamp";
import type { HostView } from "../fleet/fleet.ts";
import { deliveryOf, type Offer, offerHash } from "../follow/follow.ts";
import type { Instances } from "./instances.ts";
import { flagsOf, sessionOf } from "./session.ts";

const capabilities = BigInt(
  ServerCapabilities.ServerCapabilities_AcceptsStatus |
    ServerCapabilities.ServerCapabilities_OffersRemoteConfig |
    ServerCapabilities.ServerCapabilities_AcceptsEffectiveConfig,
);

/** A host that does nothing but talk is heard this often; a sound one says two messages a second at its worst. */
const MESSAGES_A_SECOND = 25;
const MESSAGES_AT_ONCE = 500;
/** What the specification recommends for a hub that is unavailable (OpAMP, "Throttling"). */
export const UNAVAILABLE_S = 30;

export type ServerMessage = Exclude<Parameters<typeof encodeServerFrame>[0], ServerToAgent>;

/** What a message of a host came to. */
export interface Reply {
  readonly message: ServerMessage;
  /** After the answer nothing more is to be said: the host left, broke the protocol, or says too much. */
  readonly end?: "goodbye" | "broken" | "flood";
}

export interface TalkRequest {
  readonly host: HostView;
  readonly now: () => number;
  readonly offer: () => Offer | undefined;
  /** Over how long hosts are to spread when they lose this hub. */
  readonly windowMs: () => number;
  readonly instances: Instances;
  /** The host said something; `lasting`: it is to be remembered. */
  readonly heard: (host: HostView, lasting: boolean) => void;
  /** The host could not do what it was offered. */
  readonly failed: (host: HostView, reason: string) => void;
  readonly complained: (host: HostView, complaint: string) => void;
}

/** What is said with one host, by whatever transport. */
export interface Talk {
  /** `undefined`: what came was no message. Every message is answered (OpAMP, "ServerToAgent"). */
  answer(message: AgentToServer | undefined): Reply;
  /** What is offered now, when the host has introduced itself; nothing when it has that already. */
  news(): ServerMessage | undefined;
  /** Forgets the host's instance, so that another may have it. */
  end(): void;
}

export function talkOf(request: TalkRequest): Talk {
  const { host, now } = request;
  const session = sessionOf(host);
  let introduced = false;
  let offered: Offer | undefined;
  let credit = MESSAGES_AT_ONCE;
  let creditAt = now();

  const withSelf = (message: ServerMessage): ServerMessage => ({
    ...(session.instance === undefined ? {} : { instanceUid: session.instance }),
    capabilities,
    ...message,
  });
  const refuse = (complaint: string, end: NonNullable<Reply["end"]>): Reply => {
    request.complained(host, complaint);
    const type = ServerErrorResponseType.ServerErrorResponseType_BadRequest;
    return { message: withSelf({ errorResponse: { type, errorMessage: complaint } }), end };
  };
  /** Flood: one host must not take the hub from the others, whatever it says. */
  const isFlooding = (): boolean => {
    const at = now();
    const earned = (Math.max(0, at - creditAt) / 1000) * MESSAGES_A_SECOND;
    credit = Math.min(MESSAGES_AT_ONCE, credit + earned);
    creditAt = at;
    if (credit < 1) return true;
    credit -= 1;
    return false;
  };
  const offering = (): ServerMessage => {
    const offer = request.offer();
    const delivery = offer && deliveryOf(offer, host.name);
    if (offer === undefined || delivery === undefined) return {};
    offered = offer;
    const files = [...delivery].map(
      ([name, body]) => [name, { body, contentType: "application/json" }] as const,
    );
    const config = { configMap: Object.fromEntries(files) };
    return { remoteConfig: { config, configHash: offerHash(offer, host.name) } };
  };
  /** With the first answer comes the plan, and what this hub speaks beside OpAMP's own. */
  const introduction = ({ customCapabilities }: AgentToServer): ServerMessage => {
    const speaks = customCapabilities?.capabilities.includes(linkCapability) ?? false;
    const data = encodeReconnect(request.windowMs());
    return {
      ...offering(),
      customCapabilities: { capabilities: [telemetryCapability, linkCapability] },
      ...(speaks && { customMessage: { capability: linkCapability, type: RECONNECT_TYPE, data } }),
    };
  };

  return {
    answer(message) {
      if (message === undefined) return refuse("this frame is no message of OpAMP", "broken");
      if (isFlooding())
        return { message: withSelf(unavailable("too many messages")), end: "flood" };
      const heard = session.hear(message, now());
      request.heard(host, heard.lasting);
      const { instance } = session;
      if (instance === undefined) return refuse(heard.wrong.join("; "), "broken");
      if (heard.failure !== undefined) request.failed(host, heard.failure);
      const [complaint] = heard.wrong;
      if (complaint !== undefined) request.complained(host, complaint);
      const type = ServerErrorResponseType.ServerErrorResponseType_BadRequest;
      const asks =
        (message.flags & BigInt(AgentToServerFlags.AgentToServerFlags_RequestInstanceUid)) !== 0n;
      const newInstanceUid = request.instances.claim(host.name, instance, asks, now());
      const reply: ServerMessage = {
        flags: flagsOf(heard),
        ...(complaint !== undefined && { errorResponse: { type, errorMessage: complaint } }),
        ...(newInstanceUid !== undefined && { agentIdentification: { newInstanceUid } }),
        ...(introduced ? {} : introduction(message)),
      };
      introduced = true;
      return { message: withSelf(reply), ...(heard.goodbye && { end: "goodbye" as const }) };
    },
    news() {
      if (!introduced || offered === request.offer()) return undefined;
      return withSelf(offering());
    },
    end: () => request.instances.release(host.name),
  };
}

/** OpAMP, "Throttling": the host is to disconnect and come back later. */
export function unavailable(errorMessage: string): ServerMessage {
  const type = ServerErrorResponseType.ServerErrorResponseType_Unavailable;
  const retryAfterNanoseconds = BigInt(UNAVAILABLE_S) * 1_000_000_000n;
  return { errorResponse: { type, errorMessage, retryInfo: { retryAfterNanoseconds } } };
}
