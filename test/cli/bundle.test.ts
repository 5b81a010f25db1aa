/** `millwright bundle`: what the hub would deliver, in a folder. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { digestOf, hexOf } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { model } from "../attacks/models-kit.ts";
import { NOON } from "../compiler/release-kit.ts";
import { type BundleFleet, bundleFleet } from "./bundle-kit.ts";

let fleet: BundleFleet;
beforeAll(async () => {
  fleet = await bundleFleet();
  await fleet.release();
});
afterAll(() => fleet[Symbol.dispose]());

const place = () => join(mkdtempSync(join(fleet.folder, "out-")), "fra-1");
const inRepository = () => join(fleet.fleet.shop.repository, `factories/models/${model.name}.gguf`);

test("a bundle holds the host's plan with its proof, and the model by its digest", async () => {
  const folder = place();
  const { code, out, err } = await fleet.bundle(NOON, "fra-1", "-o", folder, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({
    ...{ host: "fra-1", revision: 1, folder, until: "2026-11-24T12:00:00.000Z" },
    models: [{ name: model.name, digest: model.digest, size: model.size }],
  });
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
    "1.root.json",
    "1.snapshot.json",
    "1.targets.json",
    "blobs",
    "blobs/sha256",
    `blobs/sha256/${hexOf(model.digest)}`,
    "inclusion.json",
    "plan.json",
    "revision.json",
    "timestamp.json",
  ]);
  expect(digestOf(readFileSync(join(folder, "blobs/sha256", hexOf(model.digest))))).toBe(
    model.digest,
  );
  // Nothing half-written lies beside it.
  expect(readdirSync(join(folder, ".."))).toEqual(["fra-1"]);
});

test("without --json it says what it holds and until when it can be applied; --no-models leaves models out", async () => {
  const folder = place();
  const { code, out } = await fleet.bundle(NOON, "fra-1", "-o", folder, "--no-models");
  expect(code).toBe(0);
  expect(out).toContain("revision 1 for fra-1, without its models");
  expect(out).toContain("until 2026-11-24T12:00:00.000Z");
  expect(existsSync(join(folder, "blobs"))).toBe(false);
});

test("a folder that is there and not empty is left as it is; an empty one is filled", async () => {
  const folder = place();
  mkdirSync(folder);
  expect((await fleet.bundle(NOON, "fra-1", "-o", folder, "--no-models")).code).toBe(0);
  const before = readdirSync(folder);
  const { code, err } = await fleet.bundle(NOON, "fra-1", "-o", folder);
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining("error[bundle/exists]") });
  expect(readdirSync(folder)).toEqual(before);
});

test("who cannot be bundled for is said, with who can", async () => {
  const unknown = await fleet.bundle(NOON, "ber-1", "-o", place());
  expect(unknown.code).toBe(3);
  expect(unknown.err).toContain("error[bundle/no-such-host]");
  expect(unknown.err).toContain("fra-1, zrh-1");
  expect((await fleet.bundle(NOON, "No Host", "-o", place())).code).toBe(2);
  expect((await fleet.bundle(NOON, "fra-1")).code).toBe(2);
});

test("a revision whose signatures have ended is not bundled", async () => {
  const folder = place();
  const { code, err } = await fleet.bundle(NOON + 200 * 86_400_000, "fra-1", "-o", folder);
  expect(code).toBe(3);
  expect(err).toMatch(/^error\[release\/expired/);
  expect(existsSync(folder)).toBe(false);
});

test("a model in the work tree that was changed is passed over for the one in git", async () => {
  const bytes = readFileSync(inRepository());
  writeFileSync(inRepository(), Buffer.alloc(bytes.length));
  try {
    const folder = place();
    const { code, out } = await fleet.bundle(NOON, "fra-1", "-o", folder, "--json");
    expect(code).toBe(0);
    expect(out).toMatch(/"from": "factories\/models\/mail-triage\.gguf at [0-9a-f]{12}"/);
    expect(digestOf(readFileSync(join(folder, "blobs/sha256", hexOf(model.digest))))).toBe(
      model.digest,
    );
  } finally {
    writeFileSync(inRepository(), bytes);
  }
});

test("a model that is nowhere is said with what was tried, nothing is left behind, and --models helps", async () => {
  using lacking = await bundleFleet();
  const { release, bundle } = lacking;
  const sources = ["file:///nowhere/mail-triage.gguf"];
  const { name, digest, size } = model;
  await release(NOON, { blobs: { [digest]: { name, size, sources } } });
  const out = mkdtempSync(join(lacking.folder, "out-"));
  const folder = join(out, "fra-1");
  const { code, err } = await bundle(NOON, "fra-1", "-o", folder);
  expect(code).toBe(3);
  expect(err).toContain("error[bundle/no-model]");
  expect(err).toContain("/nowhere/mail-triage.gguf");
  expect(err).toContain("--models DIR");
  expect(readdirSync(out)).toEqual([]);

  const models = mkdtempSync(join(lacking.folder, "models-"));
  writeFileSync(join(models, "a-decoy"), Buffer.alloc(size));
  writeFileSync(join(models, "whatever"), readFileSync(model.path));
  const found = await bundle(NOON, "fra-1", "-o", folder, "--models", models, "--json");
  expect(found.code).toBe(0);
  expect(found.out).toContain(join(models, "whatever"));
});

test("without the online key nobody can say that a revision is the newest", async () => {
  const keys = mkdtempSync(join(fleet.folder, "no-keys-"));
  const folder = place();
  const { code, err } = await fleet.bundle(NOON, "fra-1", "-o", folder, "--keys", keys);
  expect(code).toBe(3);
  expect(err).toContain("error[cli/no-online-key]");
  expect(err).toContain("--keys");
  expect(existsSync(folder)).toBe(false);
});
