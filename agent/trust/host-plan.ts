import {
  canonicalBytes,
  type Delivery,
  type Digest,
  delivered,
  deliveryLimits,
  digestOf,
  digestOfHex,
  firstError,
  flowFaults,
  type HostName,
  HostPlan,
  Inclusion,
  isIncluded,
  isName,
  type PublicKey,
  parseJson,
  type Revision,
  readerOf,
} from "@millwright/schema";
import { tooLarge } from "./shapes.ts";
import { type Refused, refused } from "./verdict.ts";
import type { VerifiedPlan } from "./verified-plan.ts";

/** Who a plan must be for. */
export interface Self {
  readonly host: HostName;
  readonly publicKey: PublicKey;
}

const readPlan = readerOf(HostPlan);
const readInclusion = readerOf(Inclusion);

/**
 * From a revision that people signed to the plan of this host: everything after TUF.
 * The caller answers for the revision; only `verify` and what it wrote down may call this.
 */
export function provePlan(
  files: Delivery,
  revision: Revision,
  self: Self,
): { readonly ok: true; readonly verified: VerifiedPlan } | Refused {
  const planBytes = files.get(delivered.plan);
  if (planBytes === undefined) return missing(delivered.plan);
  const inclusionBytes = files.get(delivered.inclusion);
  if (inclusionBytes === undefined) return missing(delivered.inclusion);
  // Endless data: neither may be larger than any honest one.
  if (planBytes.length > deliveryLimits.plan)
    return tooLarge(delivered.plan, planBytes, deliveryLimits.plan);
  if (inclusionBytes.length > deliveryLimits.inclusion)
    return tooLarge(delivered.inclusion, inclusionBytes, deliveryLimits.inclusion);

  const inclusion = readInclusion(jsonOf(inclusionBytes));
  if (!inclusion.ok)
    return refused("trust/malformed", `${delivered.inclusion}: ${firstError(inclusion.errors)}.`);
  const value = jsonOf(planBytes);
  const host = claimedHost(value);
  if (host === undefined) return refused("trust/malformed", `${delivered.plan} names no host.`);
  const reading = readPlan(value);

  // Changed plan: one plan has one text; another text with the same meaning is not what people signed.
  if (reading.ok && !canonicalBytes(reading.value).equals(planBytes))
    return refused("trust/changed-plan", `${delivered.plan} is not canonical JSON.`);

  // Arbitrary plan: whoever serves plans must not be able to make one. All of a revision are under one signature.
  const digest = digestOf(planBytes);
  const root = digestOfHex(revision.subject[0].digest.sha256) as Digest;
  if (!isIncluded(host, digest, inclusion.value, root))
    return refused(
      "trust/not-in-tree",
      `${delivered.plan} (${digest.slice(0, 19)}…) is not in revision ${revision.predicate.number}.`,
    );

  // Misdelivery: a plan that was signed for one host must not start anything on another.
  if (host !== self.host)
    return refused("trust/other-host", `The plan is for ${host}; this is ${self.host}.`);

  // A plan that we cannot read whole must not be obeyed in part.
  if (!reading.ok)
    return refused(
      "trust/malformed",
      `${delivered.plan}: ${firstError(reading.errors)}. If the fleet's compiler is newer than this agent, update the agent.`,
    );

  // Impostor: a machine that took over a name must not get what was meant for the one that was enrolled.
  if (reading.value.key !== self.publicKey)
    return refused(
      "trust/other-key",
      `The plan is for the key ${reading.value.key}; this host has ${self.publicKey}. Merge this host's own definition.`,
    );

  // Leak: a compiler that erred, or was made to, must not send data where it may not go. Its proof comes along.
  const [leak] = flowFaults(reading.value);
  if (leak !== undefined) return refused("trust/leaks", `${delivered.plan}: ${leak}.`);
  return { ok: true, verified: { plan: reading.value, digest, revision } as VerifiedPlan };
}

export function missing(name: string): Refused {
  return refused("trust/incomplete", `${name} is missing.`);
}

function jsonOf(bytes: Uint8Array): unknown {
  return parseJson(Buffer.from(bytes).toString("utf8"));
}

function claimedHost(value: unknown): HostName | undefined {
  if (typeof value !== "object" || value === null || !("host" in value)) return undefined;
  return isName(value.host) ? (value.host as HostName) : undefined;
}
