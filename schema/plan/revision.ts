import Type, { type Static } from "typebox";
import { DIGEST_PATTERN } from "../value/value.ts";

const hex64 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const gitId = Type.String({ pattern: "^([0-9a-f]{40}|[0-9a-f]{64})$" });

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const DigestText = Type.String({ pattern: DIGEST_PATTERN });

export const REVISION_TYPE = "urn:millwright:revision:1";

/**
 * What people sign: an in-toto Statement (v1) whose subject is the root of the tree of plans.
 * One signature over it covers any number of hosts.
 */
export const Revision = Type.Object({
  _type: Type.Literal("https://in-toto.io/Statement/v1"),
  subject: Type.Tuple([
    Type.Object({ name: Type.Literal("plans"), digest: Type.Object({ sha256: hex64 }) }),
  ]),
  predicateType: Type.Literal(REVISION_TYPE),
  predicate: Type.Object({
    /** Counts up from 1; also the version of the TUF targets metadata. */
    number: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    fleet: Type.String(),
    /** Where the definitions live: a URL, or the name of the folder. */
    repository: Type.String(),
    commit: gitId,
    tree: gitId,
    /** SHA-256 of models.lock.yaml; absent when there is none. */
    lock: Type.Optional(hex64),
    /** The version of the compiler. */
    compiler: Type.String(),
    hosts: Count,
    /** The certificate of the whole fleet (`millwright prove`): by which rules, its digest, and how much it covers. */
    sovereignty: Type.Optional(
      Type.Object({ rules: DigestText, graph: DigestText, nodes: Count, edges: Count }),
    ),
  }),
});
export type Revision = Static<typeof Revision>;
