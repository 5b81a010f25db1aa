/**
 * The life of a state folder is recorded, write by write; then every disk that an accident could have left, at every
 * moment of that life, is laid down and looked at: nothing is torn, nothing that was promised is missing, and an agent
 * that is started on it comes up without its hub, proves its plan, serves, and goes on to the newest revision.
 */
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openState, readIdentity, stateIn } from "../../agent/disk/disk.ts";
import { conditionsOf, silentJournal } from "../../agent/life/life.ts";
import { openTrust, type Trust } from "../../agent/trust/trust.ts";
import { startAgent } from "../attacks/agent-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { isLong } from "../long.ts";
import { type Image, imagesOf, layDown } from "./images.ts";
import { type Life, lastingIn, liveAWholeLife, sha256 } from "./life-kit.ts";

let life: Life;
let images: readonly Image[];

beforeAll(async () => {
  life = await liveAWholeLife();
  images = [...imagesOf(life.world.state, life.changes)];
}, 60_000);
afterAll(async () => life.world[Symbol.asyncDispose]());

test("the log misses nothing: the last image is the disk", async () => {
  const last = images.findLast(({ accident }) => accident === "killed");
  const files = [...(last?.files ?? [])].map(([path, { bytes }]) => [path, sha256(bytes)]);
  expect(Object.fromEntries(files)).toEqual(await lastingIn(life.world.state));
});

describe("whenever the accident happens", () => {
  test("no name has bytes of another", () => {
    for (const image of images)
      for (const [path, { bytes }] of image.files) {
        const [, digest] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
        if (digest !== undefined) expect(sha256(bytes), whenOf(image)).toBe(digest);
      }
  });

  test("a plan that ran is remembered, with its models", async () => {
    for (const image of images) {
      const revision = Math.max(0, ...marksOf(image, "arrived").map(Number));
      const trust = await trustOn(image);
      if (revision === 0) continue;
      const [accepted, good] = [trust?.accepted(), trust?.good()];
      expect(accepted?.revision.predicate.number, whenOf(image)).toBeGreaterThanOrEqual(revision);
      expect(good?.revision.predicate.number, whenOf(image)).toBeGreaterThanOrEqual(revision);
      for (const digest of Object.keys(good?.plan.blobs ?? {}))
        expect([...image.files.keys()], whenOf(image)).toContain(
          `blobs/sha256/${digest.slice("sha256:".length)}`,
        );
    }
  });

  test("a comment that was acknowledged is there until the hub may have it", () => {
    for (const image of images) {
      if (image.marks.includes("let through")) continue;
      const acknowledged = marksOf(image, "acknowledged");
      if (acknowledged.length === 0) continue;
      const spool = textOfSpool(image);
      for (const id of acknowledged) expect(spool.includes(id), whenOf(image)).toBe(true);
    }
    expect(life.comments).toHaveLength(4);
  });

  test("an agent comes up, serves what it has proved without its hub, and then the newest revision", async () => {
    const chosen = isLong ? images : oneOfEachKind(images);
    expect(chosen.length).toBeGreaterThan(12);
    for (const image of chosen) {
      await comesUp(image).catch((cause: unknown) => {
        throw new Error(whenOf(image), { cause });
      });
    }
  }, 3_600_000);
});

async function comesUp(image: Image): Promise<void> {
  const { world, answer } = life;
  const state = await laidDown(image);
  const identity = await readIdentity(stateIn(state)).catch((error: unknown) => error);
  const trust = await trustOn(image);
  if (identity instanceof Error || trust === undefined) {
    expect(marksOf(image, "arrived")).toEqual([]);
    return;
  }
  const good = trust.good();
  const isWhole = Object.keys(good?.plan.blobs ?? {}).every((digest) =>
    image.files.has(`blobs/sha256/${digest.slice("sha256:".length)}`),
  );
  world.evil.hooks = {
    upgrade: (socket) => socket.destroy() !== undefined,
    http: (_, response) => response.writeHead(503).end() !== undefined,
  };
  const agent = await startAgent(state, world.clock);
  try {
    if (good !== undefined && isWhole) {
      const served = async () => (await agent.ask().catch(() => "")) === answer;
      await until("it serves without its hub", served);
    }
    world.evil.hooks = {};
    await until("the newest revision runs", async () => {
      const { desired, running } = await agent.status();
      // Waits for the hub need not be waited for.
      if (desired?.revision !== world.revision()) world.clock.advance(1000);
      return running?.revision === world.revision();
    });
    expect(await agent.ask()).toBe(answer);
    const codes = (await agent.status()).conditions.map(({ code }) => code);
    expect(codes.filter((code) => code.startsWith("trust/"))).toEqual([]);
  } catch (cause) {
    throw new Error(agent.log.slice(-20).join("\n"), { cause });
  } finally {
    await agent.end();
    await rm(dirname(state), { recursive: true });
  }
}

let laid = 0;
async function laidDown(image: Image): Promise<string> {
  laid += 1;
  const state = join(dirname(life.world.state), `image-${laid}`, "state");
  await layDown(image, state);
  return state;
}

/** What is remembered; `undefined` when no root was pinned yet. What is damaged fails the test. */
async function trustOn(image: Image): Promise<Trust | undefined> {
  if (!image.files.has("trust/trust.json")) return undefined;
  const folder = await laidDown({ ...image, files: justTrust(image) });
  const conditions = conditionsOf(life.world.clock);
  const { publicKey, host } = life.world.identity;
  const trust = await openTrust({
    ...{ state: await openState(folder), self: { host, publicKey }, clock: life.world.clock },
    ...{ conditions, journal: silentJournal },
  });
  expect(conditions.list(), whenOf(image)).toEqual([]);
  await rm(dirname(folder), { recursive: true });
  return trust;
}

function justTrust({ files }: Image): Image["files"] {
  return new Map([...files].filter(([path]) => path === "trust/trust.json"));
}

function textOfSpool({ files }: Image): string {
  return [...files]
    .filter(([path]) => path.startsWith("spool/"))
    .map(([path, { bytes }]) => (path.endsWith(".gz") ? wholeText(bytes) : bytes.toString("utf8")))
    .join("\n");
}

/** A sealed segment has its name when it is whole. */
function wholeText(bytes: Buffer): string {
  return gunzipSync(bytes).toString("utf8");
}

function marksOf({ marks }: Image, kind: string): readonly string[] {
  return marks.flatMap((mark) => (mark.startsWith(kind) ? [mark.slice(kind.length + 1)] : []));
}

/** An image of each accident to each part of the folder, from the middle of the life of that part. */
function oneOfEachKind(all: readonly Image[]): readonly Image[] {
  const kinds = Map.groupBy(all, (image) => `${image.accident} ${partOf(image)}`);
  return [...kinds.values()].flatMap((group) => group[group.length >> 1] ?? []);
}

/** `trust`, `blobs`, … ; a file of its own is `other`. */
function partOf(image: Image): string {
  return /^\/(\w+)\//.exec(pathOf(image))?.[1] ?? "other";
}

function whenOf(image: Image): string {
  const { accident, after } = image;
  return `${accident} after change ${after}: ${life.changes[after - 1]?.kind} ${pathOf(image)}`;
}

/** What was changed last, below the state folder. */
function pathOf({ after }: Image): string {
  const change = life.changes[after - 1];
  return change !== undefined && "path" in change ? change.path.slice(life.world.state.length) : "";
}
