import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Identity } from "../disk/disk.ts";
import { messageOf } from "../life/life.ts";
import { refusalOf } from "../link/link.ts";
import { httpOrigin, hubToken } from "../trust/trust.ts";
import { type Check, fail, ok, type Patient, type Symptom } from "./finding.ts";
import { identityAt } from "./state-at.ts";

/** Bytes that no plan names: whoever may ask for them is told so, anybody else is refused. */
const NO_BLOB = `/v1/blobs/sha256/${"0".repeat(64)}`;

/** Whether each hub can be reached and knows this host: name, port, certificate, enrolment. */
export const checkHub: Check = async (patient, signal) => {
  const identity = await identityAt(patient.state);
  if (identity === undefined)
    return [fail("Without an identity no hub is known.", "See what is said of the keys.")];
  return await Promise.all(identity.hubs.map((hub) => reach(hub, identity, patient, signal)));
};

/** The first step that fails is what there is to mend. */
async function reach(
  hub: string,
  identity: Identity,
  { clock, chance }: Patient,
  signal: AbortSignal,
): Promise<Symptom> {
  const origin = new URL(httpOrigin(hub));
  const isSafe = origin.protocol === "https:";
  const name = origin.hostname.replaceAll(/[[\]]/g, "");
  const port = Number(origin.port === "" ? (isSafe ? 443 : 80) : origin.port);
  const steps: readonly Step[] = [
    {
      what: `${name} has no address`,
      cure: "Look at /etc/resolv.conf, and at the hub's name in the identity.",
      take: () => lookup(name),
    },
    {
      what: `${name} cannot be reached on port ${port}`,
      cure: "Is the hub running? Does a firewall let this host out to it?",
      take: () => touch(() => connect({ host: name, port, signal }), "connect"),
    },
    {
      what: `the certificate of ${name} is not accepted`,
      cure: "Give the hub one that this system trusts, or put its authority below /usr/local/share/ca-certificates, run update-ca-certificates, and set NODE_EXTRA_CA_CERTS.",
      take: () =>
        isSafe
          ? touch(() => connectTls({ host: name, port, servername: name }), "secureConnect")
          : Promise.resolve(),
    },
  ];
  for (const { what, cure, take } of steps) {
    try {
      await take();
    } catch (error) {
      signal.throwIfAborted();
      return fail(`${what}: ${messageOf(error)}.`, cure);
    }
  }
  const token = await hubToken(identity, hub, clock.now(), chance);
  const answer = await fetch(new URL(NO_BLOB, origin), {
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
    signal,
  });
  const { status, headers, body } = answer;
  const reason = await refusalOf({ status, date: headers.get("date"), body }, clock.now());
  if (status === 404) return ok(`${hub} answers, and knows ${identity.host}`);
  return status === 401 || status === 403
    ? fail(
        `${hub} refuses this host: ${reason}.`,
        "If its definition was merged and released, look whether the hub follows the right branch.",
      )
    : fail(
        `${hub} answers with HTTP ${status}.`,
        "Look at the hub's own log, and at any proxy between.",
      );
}

interface Step {
  readonly what: string;
  readonly cure: string;
  readonly take: () => Promise<unknown>;
}

/** Opens a connection and closes it again. */
async function touch(
  open: () => ReturnType<typeof connect>,
  event: "connect" | "secureConnect",
): Promise<void> {
  const socket = open();
  try {
    await once(socket, event);
  } finally {
    socket.destroy();
  }
}
