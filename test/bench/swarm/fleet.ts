/** The hosts of a swarm, the same for the same seed: every process makes them for itself, so that no key is on a disk. */

import { createPrivateKey, type KeyObject } from "node:crypto";
import {
  digestOf,
  type HostName,
  type HostPlan,
  type Inventory,
  metrics,
  type PublicKey,
  parseHostName,
  publicKeyOf,
  type Series,
} from "@millwright/schema";
import { proved } from "../../attacks/proof-kit.ts";
import { chance } from "../place/fleet.ts";

/** An Ed25519 key in PKCS #8 (RFC 8410), up to its 32 bytes. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

const GIB = 1024 ** 3;
const kinds = [
  { share: 0.5, gpu: "NVIDIA L40S", count: 4, memory: 48 * GIB },
  { share: 0.9, gpu: "NVIDIA H200", count: 8, memory: 141 * GIB },
  { share: 1, gpu: "", count: 0, memory: 0 },
] as const;
const sites = [
  ["fra", "de"],
  ["par", "fr"],
  ["ams", "nl"],
] as const;

export interface SwarmHost {
  readonly host: HostName;
  readonly key: KeyObject;
  readonly publicKey: PublicKey;
  readonly gpus: { readonly model: string; readonly count: number; readonly memory: number };
  readonly site: string;
  readonly region: string;
  /** How far its clock is off. */
  readonly skewMs: number;
  /** Its network stops for a while, again and again. */
  readonly isSlow: boolean;
  /** What its plan is instead. */
  readonly change?: (plan: HostPlan) => HostPlan;
}

export interface Size {
  readonly agents: number;
  readonly seed: number;
}

export function hostsOf({ agents, seed }: Size): readonly SwarmHost[] {
  const random = chance(seed);
  return Array.from({ length: agents }, (_, index) => {
    const name = `swarm-${String(index).padStart(5, "0")}`;
    const host = parseHostName(name);
    if (host === undefined) throw new Error(`no host name: ${name}`);
    const secret = digestOf(`swarm ${seed} ${name}`).slice(7);
    const der = Buffer.concat([PKCS8, Buffer.from(secret, "hex")]);
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const share = random();
    const kind = kinds.find((one) => share < one.share) ?? kinds[0];
    const [site, region] = sites[Math.floor(random() * sites.length)] ?? sites[0];
    return {
      ...{ host, key, publicKey: publicKeyOf(key), site, region },
      gpus: { model: kind.gpu, count: kind.count, memory: kind.memory },
      // The hub allows half a minute.
      skewMs: Math.round((random() - 0.5) * 40_000),
      isSlow: random() < 0.01,
    };
  });
}

/** What a host is to be in a revision: every revision has other models, so that each changes every plan that has any. */
export function planOf(
  { host, publicKey, gpus, site, region, change = (plan) => plan }: SwarmHost,
  hub: string,
  revision: number,
): HostPlan {
  const served = gpus.count === 0 ? [] : ["mail-triage", "coder"];
  const models = served.map((name) => ({ name, digest: digestOf(`${name} ${revision}`) }));
  const plan = proved({
    schema: "plan/1",
    ...{ host, key: publicKey, site, region, hubs: [hub] },
    gateway: { listen: "127.0.0.1:7430" },
    telemetry: { everyMs: 10_000 },
    blobs: Object.fromEntries(
      models.map(({ name, digest }) => [
        digest,
        {
          name,
          size: 4 * GIB,
          sources: ["hub:", `https://models.mills.example/${name}-${revision}.gguf`],
        },
      ]),
    ),
    deployments: Object.fromEntries(
      models.map((model, index) => [
        model.name,
        {
          ...{ factory: "support", model, context: 8192, parallel: 4, threads: 8, memory: 8 * GIB },
          instances: [{ replica: 0, gpus: [index] }],
          upgrade: "beside" as const,
          smoke: { prompt: "Say the number 7.", contains: "7", withinMs: 20_000 },
        },
      ]),
    ),
    routes:
      served.length === 0
        ? {}
        : { "summarise-mail": { factory: "support", to: ["mail-triage", "coder"] } },
    factories:
      served.length === 0
        ? {}
        : {
            support: {
              owner: "team-support",
              governance: {
                classification: "internal",
                residency: ["de", "fr", "nl"],
                purposes: ["serve"],
              },
            },
          },
  });
  return change(plan);
}

export function inventoryOf({ gpus, host }: SwarmHost): Inventory {
  return {
    schema: "inventory/1",
    os: { distribution: "Debian GNU/Linux", release: "12", kernel: "6.1.0-25-amd64", arch: "x64" },
    cpu: { model: "AMD EPYC 9654", cores: 192, physicalCores: 96 },
    memory: { bytes: 1536 * GIB },
    disks: [{ model: "Micron 7450", bytes: 3840 * 10 ** 9 }],
    gpus: Array.from({ length: gpus.count }, (_, index) => ({
      ...{ model: gpus.model, memory: gpus.memory, driver: "590.48", uuid: uuidOf(host, index) },
    })),
  };
}

export function seriesOf({ gpus, host }: SwarmHost): readonly Series[] {
  const own = [
    ...[metrics.cpuUtilization, metrics.memoryUsage, metrics.memoryLimit, metrics.loadAverage],
    ...[metrics.filesystemUsage, metrics.filesystemLimit, metrics.processMemory],
    ...[metrics.requests, metrics.requestsInFlight, metrics.inputTokens, metrics.outputTokens],
  ];
  const each = [
    ...[metrics.gpuUtilization, metrics.gpuMemoryUsage, metrics.gpuMemoryLimit],
    ...[metrics.temperature, metrics.power],
  ];
  return [
    ...own.map(({ name, unit }) => ({ name, unit, attributes: {} })),
    ...Array.from({ length: gpus.count }, (_, index) =>
      each.map(({ name, unit }) => ({
        ...{ name, unit },
        attributes: { "hw.id": uuidOf(host, index), "hw.type": "gpu", "hw.model": gpus.model },
      })),
    ).flat(),
  ];
}

function uuidOf(host: HostName, index: number): string {
  return `GPU-${digestOf(`${host} ${index}`).slice(7, 39)}`;
}
