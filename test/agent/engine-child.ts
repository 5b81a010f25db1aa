/**
 * An external engine: a real model behind a real OpenAI-compatible server in a process of its own. Ours is the server
 * that is at hand: an agent's gateway, here on the other side. `engine-child.ts MODEL PORT NAME CONTEXT PARALLEL`, with
 * the key that it wants in ENGINE_KEY.
 */
import { generateKeyPairSync } from "node:crypto";
import { canonicalDigest, digestOf, type HostPlan, publicKeyOf } from "@millwright/schema";
import { gateway } from "../../agent/gateway/gateway.ts";
import { conditionsOf, silentJournal, systemChance, systemClock } from "../../agent/life/life.ts";
import type { Lease, Serving } from "../../agent/reconcile/reconcile.ts";
import { openEmbedded } from "../../agent/runner/process/embedded.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";

const [path = "", port = "", name = "", context = "", parallel = ""] = process.argv.slice(2);
const { ENGINE_KEY: key = "" } = process.env;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const model = { name, digest: digestOf(path) };
const size = { context: Number(context), parallel: Number(parallel), threads: 1 };
const engine = await openEmbedded(
  { deployment: name, replica: 0, model: { digest: model.digest, path }, ...size, gpus: [] },
  { said: (line) => process.stderr.write(`${line}\n`), progress: () => {}, signal: stop.signal },
);
process.stdout.write(`loaded; GPUs ${process.env["CUDA_VISIBLE_DEVICES"]}\n`);

const planned: HostPlan["deployments"][string] = {
  ...{ factory: "engine", model, ...size, memory: 1, upgrade: "drain" },
  instances: [{ replica: 0, gpus: [] }],
};
const factory: HostPlan["factories"][string] = {
  owner: "engine",
  apiKeys: { runner: { digest: digestOf(key) } },
  governance: { classification: "internal", purposes: ["serve"] },
};
const plan = {
  ...{ deployments: { [name]: planned }, routes: {}, factories: { engine: factory } },
  key: publicKeyOf(generateKeyPairSync("ed25519").publicKey),
} as unknown as HostPlan;
const verified = {
  ...{ plan, digest: canonicalDigest(model) },
  revision: { predicate: { number: 1, commit: "0".repeat(40) } },
} as unknown as VerifiedPlan;
const lease: Lease = {
  ...{ engine, deployment: name, planned, factory, plan: verified },
  release: () => {},
};
const serving: Serving = {
  plan: () => verified,
  names: () => [{ name, kind: "deployment", since: 0 }],
  lease: () => lease,
};
await gateway({
  ...{ listen: `127.0.0.1:${port}`, serving, plan: () => verified, drainMs: 100 },
  recorder: {
    interaction: () => {},
    opinion: () => Promise.resolve({ ok: true, id: "none" }),
  },
  ...{ clock: systemClock, chance: systemChance, journal: silentJournal },
  conditions: conditionsOf(systemClock),
}).run(stop.signal);
process.exit(0);
