/** The launcher, as the service manager runs it: which agent it becomes, and when it goes back. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { choose, MAX_DEATHS, MAX_STARTS } from "../../agent/update/choose.ts";
import { isNewer } from "../../agent/update/newer.ts";
import { type Pointer, parsePointer, pointerText } from "../../agent/update/pointer.ts";
import { digest, hostOf, none, sound } from "./update-kit.ts";

const two = { slot: "b", version: "0.2.0", digest } as const;
const three = { slot: "a", version: "0.3.0", digest } as const;

test("without a pointer the package's own agent runs, with all arguments and in the launcher's own process", async () => {
  const host = hostOf();
  const { said, pid, code } = await host.start();
  expect(code).toBe(0);
  expect(said).toMatchObject({ version: "0.1.0", pid, argv: ["run", "--state", host.state] });
  expect(said?.launched).toEqual({
    ...{ node: process.execPath, launcher: host.launcher, packaged: "0.1.0" },
    ...{ args: ["run", "--state", host.state], slot: null, isTrial: false },
  });
});

test("the state folder is found however it was said", async () => {
  const host = hostOf();
  host.slot("b", "0.2.0");
  host.point({ current: two });
  expect((await host.start("run", `--state=${host.state}`, "--json")).said?.version).toBe("0.2.0");
  expect((await host.start("run", "--state", host.state, "--json")).said?.version).toBe("0.2.0");
});

test.each([
  ["empty", ""],
  ["half written", pointerText({ ...none, current: two }).slice(0, 60)],
  ["of a later form", pointerText({ ...none, current: two }).replace("slots/1", "slots/2")],
  ["with a slot outside the two", pointerText({ ...none, current: two }).replace('"b"', '"../.."')],
  ["with no number of starts", pointerText({ ...none, current: two }).replace('": 0', '": -1')],
  ["no object", "[]"],
])(
  "a pointer that is %s does not keep the package's own agent from running",
  async (_what, text) => {
    const host = hostOf();
    host.slot("b", "0.2.0");
    host.point(text);
    expect((await host.start()).said?.version).toBe("0.1.0");
  },
);

test("an agent on trial that ends three times gives way to the one before it, and its last words are kept", async () => {
  const host = hostOf();
  host.slot("a", "0.2.0");
  host.slot("b", "0.3.0", 'console.log("{}"); throw new Error("no such engine");');
  host.point({
    current: { ...three, slot: "b" },
    previous: { ...two, slot: "a" },
    confirmed: false,
  });
  for (const starts of [1, 2, 3]) {
    const { code, err } = await host.start();
    expect(code).toBe(1);
    expect(err).toContain("no such engine");
    expect(host.pointer()).toMatchObject({ starts, confirmed: false });
  }
  expect((await host.start()).said).toMatchObject({
    version: "0.2.0",
    launched: { slot: "a", isTrial: false },
  });
  const { current, previous, confirmed, starts, failed } = host.pointer() ?? none;
  expect({ current, previous, confirmed, starts }).toEqual({
    ...{ current: { ...two, slot: "a" }, previous: null, confirmed: true, starts: 0 },
  });
  expect(failed).toMatchObject({ version: "0.3.0", digest });
  expect(failed?.reason).toMatch(
    /^it was started 3 times and did not come up; its last words: Error: no such engine\nat /,
  );
  // For good: it is not tried once more.
  expect((await host.start()).said?.version).toBe("0.2.0");
});

test("an agent that could not even load its modules is told in the words of Node", async () => {
  const host = hostOf();
  host.slot("b", "0.2.0", 'import "./not-there.ts";');
  host.point({ current: two, confirmed: false, starts: 2 });
  await host.start();
  expect((await host.start()).said?.version).toBe("0.1.0");
  expect(host.pointer()?.failed?.reason).toContain("Cannot find module");
});

test("a confirmed agent that dies starts again; after ten starts without being up the package's own does", async () => {
  const host = hostOf();
  host.slot("b", "0.2.0", sound("0.2.0", "process.exitCode = 1;"));
  host.point({ current: two, starts: 7 });
  for (const starts of [8, 9, 10]) {
    const { said } = await host.start();
    expect(said).toMatchObject({ version: "0.2.0", launched: { slot: "b", isTrial: false } });
    expect(host.pointer()).toEqual({ ...none, current: two, starts });
  }
  expect((await host.start()).said?.version).toBe("0.1.0");
  // It is no failure of that version: when the plan still names it, it is fetched and laid anew.
  expect(host.pointer()).toEqual(none);
});

test("a confirmed agent starts although its start cannot be counted", async () => {
  const host = hostOf();
  host.slot("b", "0.2.0");
  host.point({ current: two });
  mkdirSync(join(host.state, "slots/current.json.new"));
  expect((await host.start()).said?.version).toBe("0.2.0");
});

test.each(["bin/node", "agent/cli/millwright-agent.ts", ""])(
  "a slot without its %s is not started: the one before it is, else the package's",
  async (part) => {
    const host = hostOf();
    host.slot("a", "0.3.0");
    host.slot("b", "0.2.0");
    host.point({ current: three, previous: two });
    rmSync(join(host.state, "slots/a", part), { recursive: true });
    expect((await host.start()).said?.version).toBe("0.2.0");
    rmSync(join(host.state, "slots/b", part), { recursive: true });
    expect((await host.start()).said?.version).toBe("0.1.0");
    expect(host.pointer()).toEqual(none);
  },
);

test.each(["0.2.0", "0.10.0", "1.0.0"])(
  "a package of %s wins over 0.2.0 in a slot",
  async (own) => {
    const host = hostOf(own);
    host.slot("b", "0.2.0");
    host.point({ current: two });
    expect((await host.start()).said?.version).toBe(own);
  },
);

test("where a start cannot be counted no agent is tried: the one before it runs", async () => {
  const host = hostOf();
  host.slot("a", "0.2.0");
  host.slot("b", "0.3.0");
  const former = { ...two, slot: "a" } as const;
  host.point({ current: { ...three, slot: "b" }, previous: former, confirmed: false });
  mkdirSync(join(host.state, "slots/current.json.new"));
  const { said, err } = await host.start();
  expect(said?.version).toBe("0.2.0");
  expect(err).toContain("current.json cannot be written");
});

const version = fc.constantFrom("0.1.0", "0.2.0", "0.10.0", "1.0.0");
const slot = fc.record({ slot: fc.constantFrom("a", "b"), version, digest: fc.constant(digest) });
const anyPointer: fc.Arbitrary<Pointer> = fc.record({
  current: fc.option(slot),
  previous: fc.option(slot),
  confirmed: fc.boolean(),
  starts: fc.integer({ min: 0, max: 5 }),
  failed: fc.constant(null),
});

test("whatever the pointer says, only whole slots start, and after enough deaths the package's own does", () => {
  fc.assert(
    fc.property(anyPointer, version, fc.subarray(["a", "b"]), (first, packaged, whole) => {
      let pointer = first;
      const started: string[] = [];
      for (let count = 0; count < MAX_STARTS + 2 * MAX_DEATHS + 3; count += 1) {
        const choice = choose({
          ...{ pointer, packaged, words: () => undefined },
          isWhole: (name) => whole.includes(name),
        });
        if (choice.slot !== undefined) expect(whole).toContain(choice.slot.slot);
        if (choice.isTrial) expect(choice.write?.starts).toBeGreaterThan(pointer.starts);
        started.push(choice.slot?.version ?? "package");
        pointer = choice.write ?? pointer;
        expect(parsePointer(pointerText(pointer))).toEqual(pointer);
      }
      expect(started.at(-1)).toBe("package");
    }),
  );
});

test("versions are numbers, not words", () => {
  expect(isNewer("0.10.0", "0.9.9")).toBe(true);
  expect(isNewer("0.9.9", "0.10.0")).toBe(false);
  expect(isNewer("1.0.0", "1.0.0")).toBe(false);
  expect(isNewer("1.0.0", "next")).toBe(true);
  expect(isNewer("next", "1.0.0")).toBe(false);
});
