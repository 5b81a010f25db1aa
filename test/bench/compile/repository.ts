/** A repository of a large organisation, the same for the same numbers: one file a host, a tenth of them in YAML. */
import { createHash } from "node:crypto";

export interface Size {
  readonly hosts: number;
  /** Another one gives other sites, sizes and keys. */
  readonly seed: number;
  readonly factories: number;
  readonly models: number;
}

const sites = [
  ["fra", "de"],
  ["muc", "de"],
  ["par", "fr"],
  ["lyo", "fr"],
  ["ams", "nl"],
  ["zrh", "ch"],
  ["lon", "gb"],
  ["nyc", "us"],
] as const;

/** Path → text of every definition file, and the lock. */
export function filesOf({ hosts, factories, models, seed }: Size): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  files.set("factories/fleet.ts", fleet);
  files.set("factories/shared.ts", shared);
  files.set("factories/data.ts", data);
  for (let index = 0; index < models; index += 1)
    files.set(`factories/models/model-${index}.ts`, modelFile(index));
  for (let index = 0; index < factories; index += 10)
    files.set(`factories/adapters/tone-${index}.ts`, adapterFile(index, models));
  for (let index = 0; index < factories; index += 1)
    files.set(`factories/teams/team-${index}.ts`, factoryFile(index, models));
  for (let index = 0; index < hosts; index += 1) {
    const name = `host-${String(index).padStart(5, "0")}`;
    if (index % 10 === 9) files.set(`factories/hosts/${name}.yaml`, hostYaml(index, name, seed));
    else files.set(`factories/hosts/${name}.ts`, hostFile(index, name, seed));
  }
  files.set("factories/models.lock.yaml", lockOf({ models, factories }, ""));
  return files;
}

/** The same repository with one model replaced: what a diff of two commits sees. */
export function filesAfter(size: Size): ReadonlyMap<string, string> {
  return new Map([...filesOf(size), ["factories/models.lock.yaml", lockOf(size, "v2")]]);
}

/** A file of a host as somebody edits it. */
export function edited(text: string): string {
  return text.replace("rack: rackOf(", 'row: "7", rack: rackOf(');
}

export const editedHost = "factories/hosts/host-00000.ts";

const fleet = `import { fleet } from "@millwright/schema";

/** What all of us have in common. */
export const mills = fleet({
  name: "mills",
  hubs: [
    { url: "wss://hub-1.mills.example", region: "de" },
    { url: "wss://hub-2.mills.example", region: "nl" },
  ],
  regions: { eu: ["de", "fr", "nl"], europe: ["eu", "ch", "gb"] },
  licences: ["Apache-2.0", "MIT"],
  telemetry: { every: "10s" },
});
`;

const shared = `/** How our servers are named, placed and equipped. */
export type Size = "small" | "large";

export const regions = { ${sites.map(([site, region]) => `${site}: "${region}"`).join(", ")} } as const;
export type Site = keyof typeof regions;

export function rackOf(index: number): string {
  return \`r\${String(Math.floor(index / 40)).padStart(3, "0")}\`;
}

export function server(site: Site, size: Size = "small") {
  const isLarge = size === "large";
  return {
    site,
    region: regions[site],
    cores: isLarge ? 96 : 48,
    memory: isLarge ? "1500GiB" : "750GiB",
    gpus: [{ model: isLarge ? "NVIDIA H200" : "NVIDIA L40S", memory: isLarge ? "141GB" : "48GB", count: isLarge ? 8 : 4 }],
  };
}
`;

const data = `import { dataset } from "@millwright/schema";

const ours = { classification: "internal", purposes: ["serve", "evaluate", "train"] } as const;

export const letters = dataset({ ...ours, name: "letters", residency: ["eu"], classification: "confidential" });
export const orders = dataset({ ...ours, name: "orders", residency: ["europe"] });
export const manuals = dataset({ ...ours, name: "manuals", residency: ["europe", "us"], classification: "public" });
`;

function modelFile(index: number): string {
  return `import { model } from "@millwright/schema";

/** Model number ${index}, as the team of models has released it. */
export const model${index} = model({
  name: "model-${index}",
  source: "https://models.mills.example/model-${index}.gguf",
  licence: "Apache-2.0",
  smoke: { prompt: "Say the number ${index}.", contains: "${index}", within: "20s" },
});
`;
}

/** Every tenth team has taught a model how it writes. */
function adapterFile(index: number, models: number): string {
  const base = index % models;
  return `import { adapter } from "@millwright/schema";
import { ${dataOf(index)} } from "../data.ts";
import { model${base} } from "../models/model-${base}.ts";

export const tone${index} = adapter({
  name: "tone-${index}",
  base: model${base},
  source: "https://models.mills.example/tone-${index}.gguf",
  licence: "MIT",
  trainedOn: [${dataOf(index)}],
});
`;
}

function factoryFile(index: number, models: number): string {
  const small = index % models;
  const large = (index * 7 + 3) % models;
  const tuned = index % 10 === 0;
  return `import { factory } from "@millwright/schema";
${tuned ? `import { tone${index} } from "../adapters/tone-${index}.ts";\n` : ""}import { ${dataOf(index)} } from "../data.ts";
import { model${small} } from "../models/model-${small}.ts";
${small === large ? "" : `import { model${large} } from "../models/model-${large}.ts";\n`}
const interactive = { context: 8192, parallel: 8, upgrade: "beside" } as const;

/** What team ${index} has its models do. */
export const team${index} = factory({
  name: "team-${index}",
  owner: "people-${index}",
  reads: [${dataOf(index)}],
  deployments: {
    "t${index}-quick": { ...interactive, model: model${small},${tuned ? ` adapter: tone${index},` : ""} replicas: ${2 + (index % 6)}, gpus: 1, spread: "host" },
    "t${index}-deep": { model: model${large}, replicas: ${1 + (index % 3)}, context: 32_768, parallel: 2, gpus: 1, upgrade: "drain" },
  },
  routes: {
    "t${index}-ask": { to: "t${index}-quick", fallback: ["t${index}-deep"] },
    "t${index}-plan": { to: "t${index}-deep" },
  },
  feedback: { sample: 0.1, redact: "personal", keep: "90d" },
});
`;
}

function dataOf(index: number): string {
  return ["letters", "orders", "manuals"][index % 3] ?? "letters";
}

function hostFile(index: number, name: string, seed: number): string {
  const [site] = siteOf(index, seed);
  return `import { host } from "@millwright/schema";
import { rackOf, server } from "../shared.ts";

// Enrolled by its operators; the key was printed by millwright-agent init.
export const host${index} = host({
  ...server("${site}", ${(index + seed) % 5 === 0 ? '"large"' : '"small"'}),
  name: "${name}",
  key: "${keyOf(index, seed)}",
  labels: { rack: rackOf(${index}), generation: ${index % 2 === 0 ? '"2025"' : '"2026"'} },
  gateway: { listen: "${gatewayOf(index)}" },
});
`;
}

function hostYaml(index: number, name: string, seed: number): string {
  const [site, region] = siteOf(index, seed);
  return `kind: host
name: ${name}
key: ${keyOf(index, seed)}
site: ${site}
region: ${region}
cores: 48
memory: 750GiB
gpus:
  - { model: NVIDIA L40S, memory: 48GB, count: 4 }
labels: { rack: r${String(Math.floor(index / 40)).padStart(3, "0")}, generation: "2026" }
gateway: { listen: "${gatewayOf(index)}" }
`;
}

function siteOf(index: number, seed: number): readonly [site: string, region: string] {
  return sites[(index + seed) % sites.length] ?? sites[0];
}

function gatewayOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:7430`;
}

/** An Ed25519 key has 32 bytes; nobody signs with these. */
function keyOf(index: number, seed: number): string {
  return `ed25519:${sha256(`key ${index} ${seed}`).toString("base64url")}`;
}

function lockOf(
  { models, factories }: Pick<Size, "models" | "factories">,
  version: string,
): string {
  const ofModels = Array.from({ length: models }, (_, index) => {
    const digest = sha256(`model ${index}${index === 0 ? version : ""}`).toString("hex");
    return `  https://models.mills.example/model-${index}.gguf:
    digest: sha256:${digest}
    size: ${8_000_000_000 + index}
    facts:
      kind: model
      architecture: llama
      layers: 32
      embedding: 4096
      vocabulary: 128256
      contextLength: 131072
      heads: 32
      kvHeads: 8
      keyLength: 128
      valueLength: 128
      tensorBytes: 7900000000
      embeddingBytes: 300000000
      tiedOutput: false
`;
  });
  const ofAdapters = Array.from({ length: Math.ceil(factories / 10) }, (_, index) => {
    const name = `tone-${index * 10}`;
    return `  https://models.mills.example/${name}.gguf:
    digest: sha256:${sha256(name).toString("hex")}
    size: ${160_000_000 + index}
    facts:
      kind: adapter
      architecture: llama
      tensorBytes: 159000000
`;
  });
  return `schema: lock/1\nartifacts:\n${[...ofModels, ...ofAdapters].sort().join("")}`;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
