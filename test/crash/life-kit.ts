/** The whole life of a state folder, recorded: first plan, upgrade, failed release, rotation of keys, spool. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostPlan } from "@millwright/schema";
import { RELEASES } from "../../compiler/release/release.ts";
import { rootBytes, rootSpec, signer } from "../agent/trust-kit.ts";
import { model, modelsOf, withAdapter } from "../attacks/models-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { forge } from "../compiler/release-kit.ts";
import { type Change, recordWrites } from "./write-log.ts";

export interface Life {
  /** The hub and its fleet, which are still there; the agent has ended. */
  readonly world: World;
  readonly answer: string;
  readonly changes: readonly Change[];
  /** Of the comments that the gateway acknowledged. */
  readonly comments: readonly string[];
}

const support: HostPlan["factories"][string] = {
  owner: "team",
  governance: { classification: "internal", purposes: ["serve", "evaluate"] },
  feedback: { sample: 1, redact: "personal", keepMs: 90 * 86_400_000 },
};
const SEGMENTS = /^\/v1\/feedback\//;

/** Runners write their logs themselves, and the lock is the kernel's. */
export function isLasting(path: string): boolean {
  return /\/state(?:\/(?!runners(?:\/|$)|lock).*)?$/.test(path);
}

/** Marks: `arrived <revision>`, `acknowledged <comment>`, and `let through` when the hub may have the comments. */
export async function liveAWholeLife(): Promise<Life> {
  using log = recordWrites((path) => path.includes("/mw-attack-") && isLasting(path));
  const world = await startWorld({ factories: { support } });
  const arrived = async () => {
    await world.arrived();
    log.mark(`arrived ${world.revision()}`);
  };
  await arrived();
  const answer = await world.ask();
  const comments: string[] = [];
  const comment = async () => {
    const id = await commentOn(world);
    comments.push(id);
    log.mark(`acknowledged ${id}`);
  };

  let isDown = true;
  world.evil.hooks = {
    http(request, response) {
      if (!isDown || !SEGMENTS.test(request.url ?? "")) return false;
      request.resume();
      response.writeHead(503).end();
      return true;
    },
  };
  await comment();
  await world.release(withAdapter);
  await arrived();
  await comment();

  const unfit = await world.release(failing);
  await until("the failed release is taken back", async () => {
    world.clock.advance(200);
    const { attempted, running } = await world.status();
    return attempted?.revision === unfit && attempted.result === "failed" && running !== null;
  });
  await comment();
  await world.release();
  await arrived();

  const { fleet } = world;
  const online = signer();
  const root = rootBytes(rootSpec({ ...fleet.keyring, online }, 2));
  forge(fleet.shop, RELEASES, { "metadata/2.root.json": root });
  await world.restartHub(online.key);
  await world.release();
  await arrived();
  await comment();

  log.mark("let through");
  isDown = false;
  await until("the hub has what was said", async () => {
    // Waits of minutes need not be waited for.
    world.clock.advance(200);
    const kept = await samplesOf(world);
    return comments.every((id) => kept.has(id));
  });
  world.evil.hooks = {};
  await world.release();
  await arrived();
  await world.endAgent();
  return { world, answer, changes: log.changes, comments };
}

/** The model does not say what is asked of it. */
const smoke = { prompt: "My parcel 4821 has not arrived.", contains: "xyzzy", withinMs: 20_000 };
const planned = Object.entries(modelsOf(model).deployments);
const failing: Partial<HostPlan> = {
  deployments: Object.fromEntries(
    planned.map(([name, deployment]) => [name, { ...deployment, smoke }]),
  ),
};

async function commentOn(world: World): Promise<string> {
  const { gateway } = await world.status();
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`http://${gateway}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { id: string };
  };
  const messages = [{ role: "user", content: "My parcel 4821 has not arrived." }];
  const { id } = await post("chat/completions", { model: "triage", max_tokens: 2, messages });
  return (await post("feedback", { id, kind: "comment", text: "Too short." })).id;
}

async function samplesOf(world: World): Promise<ReadonlySet<string>> {
  const response = await fetch(`${world.hubUrl()}/v1/feedback?limit=200`);
  const { samples } = (await response.json()) as { samples: { id: string }[] };
  return new Set(samples.map(({ id }) => id));
}

/** What lies below a folder, each file with its digest, as an image has it. */
export async function lastingIn(root: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && isLasting(join("/state", path.slice(root.length))))
      found[path.slice(root.length + 1)] = sha256(await readFile(path));
  }
  return found;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
