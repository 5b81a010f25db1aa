/** An update that ends at any moment, as by a power cut. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { archiveOf, digest, type Host, hostOf, sound, treeOf } from "./update-kit.ts";

const child = join(import.meta.dirname, "update-child.ts");

/** An archive that takes some time: an agent, and files beside it. */
const entries = [
  ...treeOf(sound("0.3.0")),
  ...Array.from({ length: 60 }, (_, index) => ({
    ...({ kind: "file", path: `node_modules/some/${index}.js`, mode: 0o644 } as const),
    bytes: Buffer.alloc(20_000, index),
  })),
];

async function update(host: Host, killAfterMs?: number): Promise<number> {
  const archive = join(host.folder, "archive");
  writeFileSync(archive, archiveOf("0.3.0", "", { entries }));
  const running = spawn(process.execPath, [child, host.state, archive], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(running, "exit");
  await once(running.stdout, "data");
  const begun = performance.now();
  if (killAfterMs !== undefined)
    setTimeout(() => running.kill("SIGKILL"), Math.max(0, killAfterMs)).unref();
  await ended;
  return performance.now() - begun;
}

test("an update that dies at any moment leaves one whole agent or the other, and the next one succeeds", async () => {
  const host = hostOf();
  host.slot("a", "0.2.0");
  host.slot("b", "0.1.5");
  const former = { slot: "a", version: "0.2.0", digest } as const;
  const before = () => host.point({ current: former, previous: { ...former, slot: "b" } });
  before();
  const whole = await update(host);
  const seen = new Set<string>();
  const cuts = 8;
  for (let cut = 0; cut < cuts; cut += 1) {
    before();
    await update(host, (whole * cut) / (cuts - 1));
    const { said } = await host.start();
    expect(["0.2.0", "0.3.0"]).toContain(said?.version);
    seen.add(said?.version ?? "");
    // Under its name a slot is whole or not there.
    const slot = join(host.state, "slots/b");
    if (existsSync(slot))
      expect(readdirSync(join(slot, "node_modules/some"))).toHaveLength(entries.length - 5);
  }
  expect(seen).toContain("0.2.0");
  before();
  await update(host);
  expect((await host.start()).said?.version).toBe("0.3.0");
}, 60_000);
