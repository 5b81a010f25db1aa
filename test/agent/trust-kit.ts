/** A fleet that signs: real keys, real TUF metadata made with @tufjs/models, and all the ways to get it wrong. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  canonicalBytes,
  canonicalDigest,
  delivered,
  digestOf,
  type HostName,
  type HostPlan,
  hexOf,
  inclusionOf,
  type PublicKey,
  planTreeOf,
  publicKeyOf,
  REVISION_TYPE,
  type Revision,
} from "@millwright/schema";
import {
  Key,
  Metadata,
  MetaFile,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from "@tufjs/models";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Noon of a day on which everything in the kit is fresh. */
export const noon = Date.UTC(2026, 9, 1, 12);
const SPECIFICATION = "1.0.31";
type Role = "root" | "targets" | "snapshot" | "timestamp";

export interface Signer {
  readonly key: KeyObject;
  readonly publicKey: PublicKey;
  readonly tuf: Key;
}

export function signer(): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = publicKeyOf(privateKey);
  const fields = {
    keytype: "ed25519",
    scheme: "ed25519",
    keyval: { public: Buffer.from(publicKey.slice(8), "base64url").toString("hex") },
  };
  const tuf = Key.fromJSON(hexOf(digestOf(canonicalBytes(fields))), fields);
  return { key: privateKey, publicKey, tuf };
}

type AnyMetadata = Parameters<Metadata<Root>["verifyDelegate"]>[1];

function bytesOf(metadata: AnyMetadata, signers: readonly Signer[]): Buffer {
  for (const { key, tuf } of signers) {
    metadata.sign(
      (bytes) => new Signature({ keyID: tuf.keyID, sig: sign(null, bytes, key).toString("hex") }),
    );
  }
  return canonicalBytes(metadata.toJSON());
}

function timeText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

export interface RootSpec {
  readonly version: number;
  readonly roles: Readonly<
    Record<Role, { readonly keys: readonly Key[]; readonly threshold: number }>
  >;
  readonly signers: readonly Signer[];
  readonly expires?: number;
}

export function rootBytes({
  version,
  roles,
  signers,
  expires = noon + 365 * DAY,
}: RootSpec): Buffer {
  const keys = Object.values(roles).flatMap((role) => role.keys);
  const root = Root.fromJSON({
    spec_version: SPECIFICATION,
    version,
    expires: timeText(expires),
    consistent_snapshot: true,
    keys: Object.fromEntries(keys.map((key) => [key.keyID, key.toJSON()])),
    roles: Object.fromEntries(
      Object.entries(roles).map(([name, role]) => [
        name,
        { keyids: role.keys.map(({ keyID }) => keyID), threshold: role.threshold },
      ]),
    ),
  });
  return bytesOf(new Metadata(root), signers);
}

/** One fleet's keys: a root, two people of whom both must sign, an online key. */
export interface Fleet {
  readonly root: Signer;
  readonly people: readonly [Signer, Signer];
  readonly online: Signer;
  readonly rootBytes: Buffer;
}

export function fleetOf(): Fleet {
  const root = signer();
  const people = [signer(), signer()] as const;
  const online = signer();
  return { root, people, online, rootBytes: rootBytes(rootSpec({ root, people, online }, 1)) };
}

export function rootSpec(fleet: Omit<Fleet, "rootBytes">, version: number): RootSpec {
  const online = { keys: [fleet.online.tuf], threshold: 1 };
  return {
    version,
    signers: [fleet.root],
    roles: {
      root: { keys: [fleet.root.tuf], threshold: 1 },
      targets: { keys: fleet.people.map(({ tuf }) => tuf), threshold: 2 },
      snapshot: online,
      timestamp: online,
    },
  };
}

export function planOf(host: string, key: PublicKey, change: Partial<HostPlan> = {}): HostPlan {
  return {
    schema: "plan/1",
    host: host as HostName,
    key,
    site: "fra",
    region: "de",
    hubs: ["ws://127.0.0.1:7420"],
    gateway: { listen: "127.0.0.1:7430" },
    telemetry: { everyMs: 10_000 },
    blobs: {},
    deployments: {},
    routes: {},
    factories: {},
    ...change,
  };
}

/** What is put into a delivery, where it differs from what an honest fleet does. */
export interface Wish {
  readonly number: number;
  readonly plans: readonly HostPlan[];
  readonly to?: HostName;
  readonly people?: readonly Signer[];
  readonly online?: Signer;
  readonly now?: number;
  readonly timestampVersion?: number;
  readonly timestampExpires?: number;
  readonly snapshotVersion?: number;
  readonly snapshotExpires?: number;
  readonly targetsVersion?: number;
  readonly targetsExpires?: number;
  readonly roots?: ReadonlyMap<number, Buffer>;
  readonly commit?: string;
}

/** The files by which a revision reaches the host `to`. */
export function deliveryOf(fleet: Fleet, wish: Wish): Map<string, Uint8Array> {
  const { number, plans, now = noon, people = fleet.people, online = fleet.online } = wish;
  const to = wish.to ?? plans[0]?.host;
  const tree = planTreeOf(new Map(plans.map((plan) => [plan.host, canonicalDigest(plan)])));
  const revision: Revision = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "plans", digest: { sha256: tree.root } }],
    predicateType: REVISION_TYPE,
    predicate: {
      ...{ number, fleet: "acme", repository: "factories", compiler: "0.1.0", hosts: plans.length },
      commit: wish.commit ?? "a".repeat(40),
      tree: "b".repeat(40),
    },
  };
  const revisionBytes = canonicalBytes(revision);
  const targetsVersion = wish.targetsVersion ?? number;
  const targets = bytesOf(
    new Metadata(
      new Targets({
        version: targetsVersion,
        specVersion: SPECIFICATION,
        expires: timeText(wish.targetsExpires ?? now + 90 * DAY),
        targets: {
          "revision.json": new TargetFile({
            path: "revision.json",
            length: revisionBytes.length,
            hashes: { sha256: hexOf(digestOf(revisionBytes)) },
          }),
        },
      }),
    ),
    people,
  );
  const snapshotVersion = wish.snapshotVersion ?? number;
  const snapshot = bytesOf(
    new Metadata(
      new Snapshot({
        version: snapshotVersion,
        specVersion: SPECIFICATION,
        expires: timeText(wish.snapshotExpires ?? now + 90 * DAY),
        meta: { "targets.json": metaOf(targets, targetsVersion) },
      }),
    ),
    [online],
  );
  const timestamp = timestampBytes(online, snapshot, snapshotVersion, {
    version: wish.timestampVersion ?? Math.floor(now / 1000),
    expires: wish.timestampExpires ?? now + DAY,
  });
  const plan = plans.find(({ host }) => host === to);
  const inclusion = to && inclusionOf(tree, to);
  return new Map<string, Uint8Array>([
    ...[...(wish.roots ?? [])].map(([version, bytes]) => [delivered.root(version), bytes] as const),
    [delivered.timestamp, timestamp],
    [delivered.snapshot(snapshotVersion), snapshot],
    [delivered.targets(targetsVersion), targets],
    [delivered.revision, revisionBytes],
    [delivered.plan, canonicalBytes(plan)],
    [delivered.inclusion, canonicalBytes(inclusion)],
  ]);
}

export function timestampBytes(
  online: Signer,
  snapshot: Uint8Array,
  snapshotVersion: number,
  { version, expires }: { readonly version: number; readonly expires: number },
): Buffer {
  return bytesOf(
    new Metadata(
      new Timestamp({
        version,
        specVersion: SPECIFICATION,
        expires: timeText(expires),
        snapshotMeta: metaOf(snapshot, snapshotVersion),
      }),
    ),
    [online],
  );
}

function metaOf(bytes: Uint8Array, version: number): MetaFile {
  return new MetaFile({
    version,
    length: bytes.length,
    hashes: { sha256: hexOf(digestOf(bytes)) },
  });
}
