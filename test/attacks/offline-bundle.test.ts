import { execFileSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Delivery, delivered, hexOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";
import { layBundle } from "../cli/bundle-kit.ts";
import { adapter, withAdapter } from "./models-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const subject = "bundle";
const adapterFile = `blobs/sha256/${hexOf(adapter.digest)}`;

/** Where this test's disk is put into the machine. */
const disk = () => mkdtempSync(join(world().fleet.shop.folder, "disk-"));

/** What people signed, and the agent has not seen: but for the trick it would be taken. */
function honest(): Delivery {
  const { forged, plans } = world();
  return forged({ plans: plans(withAdapter) });
}

/** A sound bundle on a disk of its own, after somebody has had it in hands. */
function tricked(trick: (folder: string, file: (name: string) => string) => void): string {
  const bytes = readFileSync(adapter.path);
  const folder = layBundle(join(disk(), "fra-1"), honest(), new Map([[adapter.digest, bytes]]));
  trick(folder, (name) => join(folder, name));
  return folder;
}

/** What `millwright-agent apply` says beside the agent that runs: the code of the refusal. */
async function applied(folder: string): Promise<string> {
  let out = "";
  const state = join(world().fleet.shop.folder, "state");
  const code = await run(["apply", folder, "--state", state, "--json"], {
    out: (text) => {
      out += text;
    },
    ...{ err: () => undefined, interactive: false, env: {}, cwd: folder },
    ...{ now: () => world().clock.now(), signal: AbortSignal.timeout(10_000) },
  });
  const { kind, reason } = JSON.parse(out) as { kind: string; reason?: string };
  expect({ kind, code }).toEqual({ kind: "refused", code: 1 });
  return reason ?? "";
}

/** Puts something else where a file was, which lies elsewhere from then on. */
function moved(path: string, instead: (elsewhere: string) => void): void {
  const elsewhere = join(disk(), "elsewhere");
  renameSync(path, elsewhere);
  instead(elsewhere);
}

test("links, second names of files, pipes and devices in an offline bundle are refused unread", async () => {
  const code = "bundle/not-plain";
  const plan = delivered.plan;
  const symlinked = (name: string) =>
    tricked((_, file) => moved(file(name), (elsewhere) => symlinkSync(elsewhere, file(name))));
  const hardLinked = (name: string) =>
    tricked((_, file) => moved(file(name), (elsewhere) => linkSync(elsewhere, file(name))));
  const piped = (name: string) =>
    tricked((_, file) => {
      rmSync(file(name));
      execFileSync("mkfifo", [file(name)]);
    });
  const whole = tricked((folder) => moved(folder, (elsewhere) => symlinkSync(elsewhere, folder)));
  await unharmed(world(), {
    ...{ code, subject },
    async attack() {
      const bundles = [
        ...[plan, adapterFile, "blobs", "blobs/sha256"].map(symlinked),
        ...[plan, adapterFile].map(hardLinked),
        ...[plan, adapterFile].map(piped),
        tricked((_, file) => {
          rmSync(file(plan));
          symlinkSync("/dev/zero", file(plan));
        }),
        tricked((_, file) => {
          rmSync(file(plan));
          mkdirSync(file(plan));
        }),
        whole,
      ];
      for (const folder of bundles) expect(await applied(folder)).toBe(code);
    },
  });
});

test("files that no bundle has are refused, as are models that the plan does not name", async () => {
  const code = "bundle/unknown-file";
  const added = (name: string) =>
    tricked((_, file) => {
      mkdirSync(join(file(name), ".."), { recursive: true });
      writeFileSync(file(name), "");
    });
  await unharmed(world(), {
    ...{ code, subject },
    async attack() {
      const names = [
        ...["autorun.inf", ".plan.json", "plan.json\u001b[2J", "root.json", "1.plan.json"],
        ...["blobs/sha256/..x", `blobs/sha256/${"0".repeat(64)}`],
      ];
      for (const name of names) expect(await applied(added(name))).toBe(code);
    },
  });
});

test("too large and too many files are refused before they are read", async () => {
  await unharmed(world(), {
    ...{ code: "bundle/too-large", subject },
    async attack() {
      // A file of holes: a terabyte that takes no room on the disk.
      const huge = (name: string) => tricked((_, file) => truncateSync(file(name), 1024 ** 4));
      for (const name of [delivered.plan, delivered.timestamp])
        expect(await applied(huge(name))).toBe("bundle/too-large");
      expect(await applied(huge(adapterFile))).toBe("bundle/wrong-model");
    },
  });
  await unharmed(world(), {
    ...{ code: "bundle/too-many", subject },
    async attack() {
      const full = tricked((_, file) => {
        for (let version = 2; version < 400; version += 1)
          closeSync(openSync(file(delivered.root(version)), "w"));
      });
      expect(await applied(full)).toBe("bundle/too-many");
    },
  });
});

test("a model of other bytes leaves neither itself nor the plan that names it", async () => {
  await unharmed(world(), {
    ...{ code: "store/wrong-digest" },
    async attack() {
      const changed = tricked((_, file) => {
        const bytes = readFileSync(file(adapterFile));
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        writeFileSync(file(adapterFile), bytes);
      });
      expect(await applied(changed)).toBe("bundle/wrong-model");
    },
  });
});

test("a bundle without its model, of another host, or signed by nobody is refused as a hub's delivery is", async () => {
  const { forged, plans, fleet } = world();
  await unharmed(world(), {
    code: "trust/bad-signature",
    async attack() {
      const lone = layBundle(join(disk(), "fra-1"), honest());
      expect(await applied(lone)).toBe("bundle/missing-model");
      const [mine, other] = plans();
      const theirs = layBundle(join(disk(), "b"), forged({ plans: [other, mine] }));
      expect(await applied(theirs)).toBe("trust/other-host");
      const [ada] = fleet.keyring.people;
      const few = layBundle(join(disk(), "c"), forged({ people: [ada] }));
      expect(await applied(few)).toBe("trust/bad-signature");
    },
  });
});

test("the same bundle untouched is taken, so that nothing above was refused for another reason", async () => {
  const folder = tricked(() => undefined);
  const copy = join(disk(), "copy");
  cpSync(folder, copy, { recursive: true });
  let said = "";
  const state = join(world().fleet.shop.folder, "state");
  const code = await run(["apply", copy, "--state", state], {
    out: (text) => {
      said += text;
    },
    ...{ err: () => undefined, interactive: false, env: {}, cwd: folder },
    ...{ now: () => world().clock.now(), signal: AbortSignal.timeout(10_000) },
  });
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(adapter.name) });
  const { conditions } = await world().status();
  expect(conditions.filter((one) => one.code.startsWith("bundle/"))).toEqual([]);
});
