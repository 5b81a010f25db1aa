/** Who is next, when more is asked than can be answered at once. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Priority, turnsOf, WAITING } from "../../agent/gateway/turns.ts";

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A queue with one place, taken; what comes is noted by its name when it is its turn. */
function oneTaken() {
  const turns = turnsOf();
  const served: string[] = [];
  const ends: (() => void)[] = [];
  const first = turns.free("triage", 1);
  if (first === undefined) throw new Error("an empty queue has no place");
  ends.push(first);
  const come = (caller: string, priority: Priority = "normal", signal = never) =>
    turns.next("triage", { caller, priority, signal }).then((end) => {
      if (end === undefined) return false;
      served.push(caller);
      ends.push(end);
      return true;
    });
  /** One after the other leaves, until nobody is there. */
  const serveAll = async () => {
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await settled();
    }
  };
  return { turns, served, come, serveAll };
}

test("callers take turns, however many requests one of them has waiting", async () => {
  const { served, come, serveAll } = oneTaken();
  for (const caller of ["a", "a", "a", "b", "c", "b"]) void come(caller);
  await serveAll();
  expect(served).toEqual(["a", "b", "c", "a", "b", "a"]);
});

test("the higher priority goes first", async () => {
  const { served, come, serveAll } = oneTaken();
  void come("batch", "low");
  void come("app");
  void come("desk", "high");
  void come("app");
  await serveAll();
  expect(served).toEqual(["desk", "app", "app", "batch"]);
});

test("a caller whose line is full is told so; others still find room", async () => {
  const { come, serveAll, served } = oneTaken();
  const waiting = Array.from({ length: WAITING }, () => come("greedy"));
  expect(await come("greedy")).toBe(false);
  const other = come("modest");
  await serveAll();
  expect(await Promise.all([...waiting, other])).not.toContain(false);
  expect(served[1]).toBe("modest");
});

test("whoever goes while waiting leaves no gap", async () => {
  const { served, come, serveAll } = oneTaken();
  const gone = new AbortController();
  const left = come("gone", "normal", gone.signal);
  void come("stays");
  gone.abort();
  await expect(left).rejects.toThrow();
  await serveAll();
  expect(served).toEqual(["stays"]);
});

test("when more can work at once, whoever waits goes before whoever comes", async () => {
  const { turns, served, come } = oneTaken();
  void come("waits");
  expect(turns.free("triage", 2)).toBeUndefined();
  await settled();
  expect(served).toEqual(["waits"]);
  expect(turns.free("triage", 3)).toBeInstanceOf(Function);
});

test("whatever comes and goes, never more work than may, and nobody is forgotten", async () => {
  const steps = fc.array(
    fc.record({
      caller: fc.constantFrom("a", "b", "c"),
      priority: fc.constantFrom<Priority>("high", "normal", "low"),
      act: fc.constantFrom("come", "come", "end", "give up"),
      atOnce: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const turns = turnsOf();
      const working = new Set<() => void>();
      const waiting = new Set<AbortController>();
      let most = 1;
      for (const { caller, priority, act, atOnce } of all) {
        if (act === "come") {
          most = Math.max(most, atOnce);
          const end = turns.free("triage", atOnce);
          if (end === undefined) {
            const patience = new AbortController();
            waiting.add(patience);
            turns
              .next("triage", { caller, priority, signal: patience.signal })
              .then((turn) => turn !== undefined && working.add(turn))
              .catch(() => undefined)
              .finally(() => waiting.delete(patience));
          } else working.add(end);
        }
        const [first] = working;
        if (act === "end" && first !== undefined) {
          working.delete(first);
          first();
          first();
        }
        if (act === "give up") [...waiting].at(-1)?.abort();
        await settled();
        expect(working.size).toBeLessThanOrEqual(most);
      }
      for (const end of working) {
        working.delete(end);
        end();
        await settled();
      }
      expect(waiting.size).toBe(0);
      expect(turns.free("triage", 1)).toBeInstanceOf(Function);
    }),
    { numRuns: 200 },
  );
});
