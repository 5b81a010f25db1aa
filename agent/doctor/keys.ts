import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Identity, readIdentity, type StateFolder, stateIn } from "../disk/disk.ts";
import { conditionsOf, silentJournal, systemClock } from "../life/life.ts";
import { openTrust } from "../trust/trust.ts";
import { type Check, fail, ok, type Patient, type Symptom, warn } from "./finding.ts";
import { PROBE } from "./state-at.ts";

/** Whether the host has its key for itself, and knows whom to believe. */
export const checkKeys: Check = async (patient) => {
  const state = stateIn(patient.state);
  const identity = await readIdentity(state);
  return [
    ok(`this is ${identity.host}, key ${identity.publicKey}`),
    ...(await ownership(state)),
    ...(await believed(state, identity, patient)),
  ];
};

async function ownership({ root, identity }: StateFolder): Promise<readonly Symptom[]> {
  const key = await stat(join(identity, "key.pem"));
  const folder = await stat(root);
  const symptoms: Symptom[] = [];
  if ((key.mode & 0o077) !== 0)
    symptoms.push(
      fail(
        "The host's private key can be read by others.",
        `Run chmod 600 ${join(identity, "key.pem")}; if somebody may have read it, remove the host from the fleet and run init anew.`,
      ),
    );
  // What root made there the agent cannot read.
  const names = (await readdir(root)).filter((name) => !name.startsWith(PROBE));
  const foreign = await Promise.all(
    names.map(async (name) => ((await stat(join(root, name))).uid === folder.uid ? [] : name)),
  );
  if (foreign.flat().length > 0)
    symptoms.push(
      fail(
        `${foreign.flat().join(", ")} in ${root} belong to another user than the folder.`,
        "Run millwright-agent install, which hands them over, or chown -R.",
      ),
    );
  return symptoms;
}

async function believed(
  state: StateFolder,
  { host, publicKey }: Identity,
  { clock }: Patient,
): Promise<readonly Symptom[]> {
  if (!(await readdir(state.trust)).includes("trust.json"))
    return [
      fail(
        "The host has no root of trust.",
        "Run millwright-agent init with --root or --root-digest.",
      ),
    ];
  const conditions = conditionsOf(systemClock);
  const self = { host, publicKey };
  const trust = await openTrust({ state, self, clock, conditions, journal: silentJournal });
  const revision = trust.accepted()?.plan;
  const wrong = conditions
    .list()
    .map(({ message }) => warn(message, "See millwright-agent status."));
  return [
    ok(
      revision === undefined
        ? "a root of trust, no plan yet"
        : "a root of trust, and a plan that it vouches for",
    ),
    ...wrong,
  ];
}
