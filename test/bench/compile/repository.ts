/** A repository of a large organisation, the same for the same numbers: one file a host, a tenth of them in YAML. */
import { createHash } from "node:crypto";

export interface Size {
  readonly hosts: number;
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
export function filesOf({ hosts, factories, models }: Size): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  files.set("factories/fleet.ts", fleet);
  files.set("factories/shared.ts", shared);
  files.set("factories/data.ts", data);
  for (let index = 0; index < models; index += 1)
    files.set(`factories/models/model-${index}.ts`, modelFile(index));
  for (let index = 0; index < factories; index += 1)
    files.set(`factories/teams/team-${index}.ts`, factoryFile(index, models));
  for (let index = 0; index < hosts; index += 1) {
    const name = `host-${String(index).padStart(5, "0")}`;
    if (index % 10 === 9) files.set(`factories/hosts/${name}.yaml`, hostYaml(index, name));
    else files.set(`factories/hosts/${name}.ts`, hostFile(index, name));
  }
  files.set("factories/models.lock.yaml", lockOf(models, ""));
  return files;
}

/** The same repository with one model replaced: what a diff of two commits sees. */
export function filesAfter(size: Size): ReadonlyMap<string, string> {
  return new Map([...filesOf(size), ["factories/models.lock.yaml", lockOf(size.models, "v2")]]);
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
  hubs: ["wss://hub-1.mills.example", "wss://hub-2.mills.example"],
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

function factoryFile(index: number, models: number): string {
  const small = index % models;
  const large = (index * 7 + 3) % models;
  const dataset = ["letters", "orders", "manuals"][index % 3];
  return `import { factory } from "@millwright/schema";
import { ${dataset} } from "../data.ts";
import { model${small} } from "../models/model-${small}.ts";
${small === large ? "" : `import { model${large} } from "../models/model-${large}.ts";\n`}
const interactive = { context: 8192, parallel: 8, upgrade: "beside" } as const;

/** What team ${index} has its models do. */
export const team${index} = factory({
  name: "team-${index}",
  owner: "people-${index}",
  reads: [${dataset}],
  deployments: {
    "t${index}-quick": { ...interactive, model: model${small}, replicas: ${2 + (index % 6)}, gpus: 1, spread: "host" },
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

function hostFile(index: number, name: string): string {
  const [site] = sites[index % sites.length] ?? ["fra"];
  return `import { host } from "@millwright/schema";
import { rackOf, server } from "../shared.ts";

// Enrolled by its operators; the key was printed by millwright-agent init.
export const host${index} = host({
  ...server("${site}", ${index % 5 === 0 ? '"large"' : '"small"'}),
  name: "${name}",
  key: "${keyOf(index)}",
  labels: { rack: rackOf(${index}), generation: ${index % 2 === 0 ? '"2025"' : '"2026"'} },
  gateway: { listen: "10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:7430" },
});
`;
}

function hostYaml(index: number, name: string): string {
  const [site, region] = sites[index % sites.length] ?? ["fra", "de"];
  return `kind: host
name: ${name}
key: ${keyOf(index)}
site: ${site}
region: ${region}
cores: 48
memory: 750GiB
gpus:
  - { model: NVIDIA L40S, memory: 48GB, count: 4 }
labels: { rack: r${String(Math.floor(index / 40)).padStart(3, "0")}, generation: "2026" }
gateway: { listen: "10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:7430" }
`;
}

/** An Ed25519 key has 32 bytes; nobody signs with these. */
function keyOf(index: number): string {
  return `ed25519:${createHash("sha256").update(`key ${index}`).digest("base64url")}`;
}

function lockOf(models: number, version: string): string {
  const entries = Array.from({ length: models }, (_, index) => {
    const digest = createHash("sha256")
      .update(`model ${index}${index === 0 ? version : ""}`)
      .digest("hex");
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
  return `schema: lock/1\nartifacts:\n${entries.sort().join("")}`;
}
