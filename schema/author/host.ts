import Type from "typebox";
import { AgentRelease } from "./agent-release.ts";
import { classifications } from "./dataset.ts";
import type * as documented from "./documented.ts";
import {
  bytes,
  type Fields,
  kindOf,
  name,
  publicKey,
  refersTo,
  strict,
  type Written,
} from "./field.ts";
import { hold, retired } from "./operator.ts";

export const Host = strict(
  {
    kind: kindOf("host"),
    name: name("The host: what its plan is addressed to."),
    key: publicKey(
      "The host's public key, which `millwright-agent init` prints. The private half never leaves the host.",
    ),
    site: name("Where it stands: a data centre, a room."),
    region: name(
      "The jurisdiction of the site, for residency: an ISO 3166 code in lower case, or a name of your own.",
    ),
    clearance: Type.Optional(
      Type.Enum([...classifications], {
        description:
          "The highest class of data that it may hold; any, when absent. Deployments that read more secret data are placed elsewhere.",
      }),
    ),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: "What the label says." }), {
        description: "Anything that deployments select hosts by.",
        examples: [{ rack: "a" }],
      }),
    ),
    cores: Type.Optional(
      Type.Integer({ minimum: 1, description: "Cores that models may use; one when absent." }),
    ),
    memory: bytes("Main memory that models may use. What the system needs is not part of it."),
    gpus: Type.Optional(
      Type.Array(
        strict(
          {
            model: Type.String({
              minLength: 1,
              description: "As `nvidia-smi` names it.",
              examples: ["NVIDIA H200"],
            }),
            memory: bytes("Memory of one GPU."),
            count: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 64, description: "How many; one when absent." }),
            ),
          },
          { description: "GPUs of one make." },
        ),
        {
          description:
            "In the order of their indices. A host without any runs models on its cores.",
          examples: [[{ model: "NVIDIA H200", memory: "141GB", count: 8 }]],
        },
      ),
    ),
    gateway: Type.Optional(
      strict(
        {
          listen: Type.String({
            pattern: "^[^\\s:]+:\\d{1,5}$",
            description:
              "Address and port of the OpenAI-compatible endpoint; 127.0.0.1:7430 when absent.",
            examples: ["127.0.0.1:7430"],
          }),
          address: Type.Optional(
            Type.String({
              pattern: "^(\\[[0-9a-fA-F:]+\\]|[^\\s:/@?#\\[\\]]+):\\d{1,5}$",
              maxLength: 300,
              description:
                "Where other hosts reach its models: it listens there too, over TLS, for hosts of the fleet alone. Hosts that say so answer for each other what they do not run themselves.",
              examples: ["10.0.3.7:7432"],
            }),
          ),
          factories: Type.Optional(
            Type.Array(refersTo("factory", "A factory."), {
              maxItems: 256,
              description:
                "Factories whose tasks it passes on, beside those of which it runs something. Needs an `address`.",
              examples: [["support"]],
            }),
          ),
        },
        { description: "Where callers reach the host's models." },
      ),
    ),
    agent: Type.Optional(AgentRelease),
    hold,
    retired,
    store: Type.Optional(
      strict(
        {
          address: Type.Optional(
            Type.String({
              pattern: "^(\\[[0-9a-fA-F:]+\\]|[^\\s:/@?#\\[\\]]+):\\d{1,5}$",
              maxLength: 300,
              description:
                "Where other hosts of the site reach its gateway. Hosts that say so copy models from each other before they ask the internet.",
              examples: ["10.0.3.7:7430"],
            }),
          ),
          mirrors: Type.Optional(
            Type.Array(
              Type.String({
                pattern: "^https?://[^\\s?#]+$",
                maxLength: 1_000,
                description: "Holds any model at `<mirror>/sha256/<hex>`.",
              }),
              {
                minItems: 1,
                maxItems: 16,
                description:
                  "Asked for models before peers and the models' own sources. `https:` anywhere, `http:` only on loopback.",
                examples: [["https://models.fra.example.org"]],
              },
            ),
          ),
          bandwidth: Type.Optional(
            bytes("What all downloads together may take in a second; all there is, when absent."),
          ),
          reserve: Type.Optional(bytes("What models leave free of the disk; 256MiB when absent.")),
          watermarks: Type.Optional(
            strict(
              {
                high: Type.Number({ minimum: 0, maximum: 1, description: "Where it begins." }),
                low: Type.Number({ minimum: 0, maximum: 1, description: "Where it ends." }),
              },
              {
                description:
                  "Parts of the disk in use between which models go that no plan names, the longest unused first; 0.85 and 0.7 when absent.",
                examples: [{ high: 0.9, low: 0.8 }],
              },
            ),
          ),
          uploads: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 1_000,
              description: "How many other hosts may copy from it at once; 4 when absent.",
            }),
          ),
        },
        { description: "How the host gets and keeps models." },
      ),
    ),
  },
  {
    description:
      "A bare-metal server that runs models. Merging its definition enrols it; deleting the definition revokes it.",
    examples: [
      {
        kind: "host",
        name: "fra-3",
        key: "ed25519:xOAH4pgW7TfcrSbW0APE3RSCL4xdlz0EsmeOP18kjto",
        site: "fra",
        region: "de",
        clearance: "confidential",
        labels: { rack: "c" },
        cores: 96,
        memory: "1500GiB",
        gpus: [{ model: "NVIDIA H200", memory: "141GB", count: 8 }],
        gateway: { listen: "127.0.0.1:7430", address: "10.0.3.7:7432" },
        agent: {
          version: "0.3.0",
          packages: {
            x64: "https://releases.acme.example/millwright-agent-0.3.0-linux-x64.tar.zst",
          },
        },
        hold: "the power feed is being exchanged on Tuesday",
        retired: ["newsletter-writer"],
        store: {
          mirrors: ["https://models.fra.example.org"],
          bandwidth: "200MB",
          reserve: "50GiB",
        },
      },
    ],
  },
);
export type Host = documented.Host;

/** A bare-metal server that runs models. Merging its definition enrols it; deleting the definition revokes it. */
export function host(fields: Fields<Host>): Written<"host", Host> {
  return { kind: "host", ...fields };
}
