import Type from "typebox";
import { classifications } from "./dataset.ts";
import type * as documented from "./documented.ts";
import { bytes, type Fields, kindOf, name, publicKey, strict, type Written } from "./field.ts";

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
        },
        { description: "Where callers reach the host's models." },
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
        gateway: { listen: "127.0.0.1:7430" },
      },
    ],
  },
);
export type Host = documented.Host;

/** A bare-metal server that runs models. Merging its definition enrols it; deleting the definition revokes it. */
export function host(fields: Fields<Host>): Written<"host", Host> {
  return { kind: "host", ...fields };
}
