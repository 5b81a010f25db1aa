/** What every attack is held against. */
import type { HostPlan } from "@millwright/schema";
import { afterAll, beforeAll, expect } from "vitest";
import { startWorld, until, type World } from "./world-kit.ts";

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
  /** The code of the alarm that belongs to this attack. */
  readonly code: string;
  readonly subject?: string;
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
  const { code, subject, attack, changes = [], next: change, mend } = wish;
  const { evil } = world;
  const answer = await world.ask();
  const before = await world.memory();
  const { running } = await world.status();
  expect(running?.revision).toBe(world.revision());
  expect(await raised(world.status, wish)).toBe(false);

  await attack();
  await until(`the agent raises ${code} ${subject ?? ""}`, () => raised(world.status, wish)).catch(
    async (cause: unknown) => {
      const { conditions } = await world.status();
      throw new Error(`instead there is ${JSON.stringify(conditions)}`, { cause });
    },
  );
  await until(`the hub shows ${code} ${subject ?? ""}`, () => raised(world.shown, wish));
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
  await until(
    `revision ${next} runs`,
    async () => runs(await world.status(), next) && (await world.isSettled()),
  );
  await until(`the hub shows that revision ${next} runs`, async () =>
    runs(await world.shown(), next),
  );
  expect(await world.ask()).not.toBe("");
}

type Status = Awaited<ReturnType<World["shown"]>>;

async function raised(
  look: () => Promise<Status>,
  { code, subject }: Pick<Attack, "code" | "subject">,
): Promise<boolean> {
  const { conditions = [] } = (await look()) ?? {};
  return conditions.some(
    (one) => one.code === code && (subject === undefined || one.subject === subject),
  );
}

function runs(status: Status, revision: number): boolean {
  return status?.running?.revision === revision;
}
