/** `npm run package:agent [-- --arch amd64|arm64 --out FOLDER]`: packages and archives for plans below dist/, and their digests. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Architecture, buildPackage, buildSlot } from "./packaging.ts";

/** 2026-01-01, unless SOURCE_DATE_EPOCH (reproducible-builds.org) says otherwise. */
const SECONDS = 1_767_225_600;

const checkout = join(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true, default: ["amd64", "arm64"] },
    out: { type: "string", default: join(checkout, "dist") },
    level: { type: "string", default: "19" },
  },
});
const seconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? SECONDS);
await mkdir(values.out, { recursive: true });
for (const architecture of values.arch) {
  if (!isArchitecture(architecture)) throw new Error(`--arch ${architecture}: amd64 or arm64`);
  for (const build of [buildPackage, buildSlot]) {
    const { name, bytes } = await build(
      { checkout, architecture, seconds, level: Number(values.level) },
      AbortSignal.timeout(600_000),
    );
    await writeFile(join(values.out, name), bytes);
    const digest = createHash("sha256").update(bytes).digest("hex");
    process.stdout.write(`${digest}  ${name}  ${(bytes.length / 1e6).toFixed(1)} MB\n`);
  }
}

function isArchitecture(text: string): text is Architecture {
  return text === "amd64" || text === "arm64";
}
