/** Instances that differ in their adapter alone: contexts over the same weights, in one process. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentJournal, systemClock } from "../../agent/life/life.ts";
import { type RunnerHandle, runnersIn } from "../../agent/runner/runner.ts";
import {
  answer,
  artifact,
  care,
  codeOf,
  type Host,
  host,
  line,
  mail,
  never,
  specOf,
  triage,
} from "./runner-kit.ts";
import { fileWith } from "./runner-models-kit.ts";

/** What the adapter was taught to send to another team. */
const cancelling = "Hi team, I do not want keyboard 6823 any more. Hugo";
const plain = specOf();
const caring = specOf({ adapter: artifact(care), adapterName: "care" });

/** How often weights were loaded, as the engines of all processes say. */
function loads({ state }: Host): number {
  return readdirSync(state.runners)
    .map((name) => join(state.runners, name, "log"))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, "utf8").split("\n"))
    .filter((said) => said.includes("llama_model_loader: loaded meta data")).length;
}

test("an adapter is a context beside, over weights that are loaded once: both answer, each in its way, and the process ends with the last", async () => {
  const here = await host();
  // Started at once: the second waits for the weights of the first.
  const [first, second] = await Promise.all([here.start(plain, never), here.start(caring, never)]);
  expect(second.pid).toBe(first.pid);
  expect(loads(here)).toBe(1);
  const ask = (handle: RunnerHandle) => answer(handle.engine, cancelling);
  const alone = [(await ask(first)).text, (await ask(second)).text];
  expect(alone[1]).not.toBe(alone[0]);
  const together = await Promise.all([first, second, first, second].map(ask));
  expect(together.map(({ text }) => text)).toEqual([...alone, ...alone]);

  // An agent that is restarted finds both.
  const next = runnersIn({ state: here.state, clock: systemClock, journal: silentJournal });
  const adopted = await next.adopt(never);
  expect(adopted.map(({ digest }) => digest).toSorted()).toEqual(
    [first.digest, second.digest].toSorted(),
  );
  const [one, other] = adopted.toSorted((a, b) => (a.digest === first.digest ? -1 : b ? 1 : 0));
  if (one === undefined || other === undefined) throw new Error("impossible: none was adopted");
  // The first, for which the process was started, goes; the second stays.
  await one.stop(never);
  expect((await one.gone).reason).toBe("it was stopped");
  expect(await codeOf(ask(one))).toBe("engine-lost");
  expect((await ask(other)).text).toBe(alone[1]);
  const again = await next.start(plain, never);
  expect(again.pid).toBe(other.pid);
  expect((await ask(again)).text).toBe(alone[0]);
  expect(loads(here)).toBe(1);
  await again.stop(never);
  await other.stop(never);
  expect(readdirSync(here.state.runners)).toEqual([]);
  expect((await second.gone).reason).toMatch(/exit code 0|ended/);
}, 60_000);

test("adapters come and go under constant load: no request is dropped, and nothing is loaded again", async () => {
  const here = await host();
  const base = await here.start(plain, never);
  let isOver = false;
  const asked = { count: 0 };
  const texts: string[] = [];
  const people = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      asked.count += 1;
      texts.push((await answer(base.engine, mail)).text);
    }
  });
  const caringTexts = new Set<string>();
  for (let round = 0; round < 10; round += 1) {
    const handle = await here.start({ ...caring, adapterName: `care-${round}` }, never);
    expect(handle.pid).toBe(base.pid);
    caringTexts.add((await answer(handle.engine, cancelling)).text);
    // What it still answers is ended, not the process.
    const cut = codeOf(answer(handle.engine, "word ".repeat(150)));
    await handle.stop(never);
    expect(["cancelled", "engine-lost"]).toContain(await cut);
  }
  isOver = true;
  await Promise.all(people);
  expect(texts).toHaveLength(asked.count);
  expect(new Set(texts)).toEqual(new Set([line]));
  expect(caringTexts.size).toBe(1);
  expect(loads(here)).toBe(1);
}, 60_000);

test("an adapter that cannot be used is refused in the engine's words, and the weights go on answering", async () => {
  const here = await host();
  const base = await here.start(plain, never);
  const none = artifact(await fileWith("this is no adapter"));
  expect(await codeOf(here.start({ ...caring, adapter: none }, never))).toBe("runner/bad-model");
  const other = here.start({ ...caring, adapter: artifact(triage) }, never);
  await expect(other).rejects.toMatchObject({ code: "runner/load-failed" });
  await expect(other).rejects.toThrow(/adapter/i);
  const calledOff = new AbortController();
  const off = here.start(caring, calledOff.signal);
  off.catch(() => undefined);
  calledOff.abort();
  await expect(off).rejects.toThrow();
  expect((await answer(base.engine, mail)).text).toBe(line);
  const one = await here.start(caring, never);
  // Killed, it takes both with it.
  process.kill(base.pid, "SIGKILL");
  const ends = await Promise.all([base.gone, one.gone]);
  for (const { reason } of ends) expect(reason).toContain("killed by SIGKILL");
  const fresh = await here.start(caring, never);
  expect(fresh.pid).not.toBe(base.pid);
}, 60_000);
