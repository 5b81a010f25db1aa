/** What every attack is held against. */
import type { HostPlan } from "@millwright/schema";
import { afterAll, beforeAll, expect } from "vitest";
import { until } from "./until-kit.ts";
import { startWorld, type World } from "./world-kit.ts";

/** One world for all tests of a file; `world()` is it. */
export function worldHere(change: Partial<HostPlan> = {}): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await startWorld(change);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  return () => {
    if (world === undefined) throw new Error("the world has not begun");
    return world;
  };
}

export interface Attack {
  /** The alarm that belongs to this attack; absent where nothing but the attacker's own request is refused. */
  readonly code?: string;
  readonly subject?: string;
  /** Who sees the attack: the agent, whose alarm the hub shows, or the hub alone, which notes an event. */
  readonly by?: "agent" | "hub";
  /** What the evil hub does. Its hooks are taken away afterwards. */
  readonly attack: () => unknown;
  /** Files that this attack may change, by design. */
  readonly changes?: readonly string[];
  /** The honest revision that is to run afterwards, where it has to want something. */
  readonly next?: Partial<HostPlan>;
  /** How honest people mend what the attack supposes, where a new revision alone does not. */
  readonly mend?: () => Promise<unknown>;
}

/**
 * The promises of every attack: the agent goes on serving, raises the alarm, the hub shows it, what the agent remembers
 * is what it was; and when the attack is over the next honest revision runs.
 */
export async function unharmed(world: World, wish: Attack): Promise<void> {
  const { attack, changes = [], next: change, mend } = wish;
  const { evil } = world;
  const looks = looksOf(world, wish);
  const answer = await world.ask();
  const before = await world.memory();
  const { running } = await world.status();
  expect(running?.revision).toBe(world.revision());
  for (const { isRaised } of looks) expect(await isRaised()).toBe(false);

  await attack();
  for (const { what, isRaised } of looks) {
    await until(what, isRaised).catch(async (cause: unknown) => {
      const { conditions } = await world.status();
      throw new Error(`instead there is ${JSON.stringify(conditions)}`, { cause });
    });
  }
  expect(await world.ask()).toBe(answer);
  expect((await world.status()).running).toEqual(running);
  const after = await world.memory();
  const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path) && !changes.includes(path),
  );
  expect(touched).toEqual([]);

  evil.hooks = {};
  await mend?.();
  const next = await world.release(change);
  await world.arrived();
  await until(`the hub shows that revision ${next} runs`, async () =>
    runs(await world.shown(), next),
  );
  expect(await world.ask()).not.toBe("");
}

interface Look {
  readonly what: string;
  readonly isRaised: () => Promise<boolean>;
}

/** Where the alarm has to be seen. */
function looksOf(world: World, { code, subject, by = "agent" }: Attack): readonly Look[] {
  if (code === undefined) return [];
  if (by === "hub") {
    const isRaised = async () => (await world.events()).includes(code);
    return [{ what: `the hub notes ${code}`, isRaised }];
  }
  const isIn = (status: Status) =>
    status?.conditions.some(
      (one) => one.code === code && (subject === undefined || one.subject === subject),
    ) === true;
  const alarm = `${code} ${subject ?? ""}`;
  return [
    { what: `the agent raises ${alarm}`, isRaised: async () => isIn(await world.status()) },
    { what: `the hub shows ${alarm}`, isRaised: async () => isIn(await world.shown()) },
  ];
}

type Status = Awaited<ReturnType<World["shown"]>>;

function runs(status: Status, revision: number): boolean {
  return status?.running?.revision === revision;
}
