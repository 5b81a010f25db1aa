import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { hexOf } from "@millwright/schema";
import { test } from "vitest";
import { adapterHook, changes, subject } from "./blob-kit.ts";
import { adapter, withAdapter } from "./models-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

/** People sign a plan that wants another model; the hub answers with something under its name. */
async function answerWith(bytes: Uint8Array): Promise<void> {
  world().evil.hooks = adapterHook((response) => response.end(bytes));
  await world().release(withAdapter);
}

test("other bytes under the right name are not loaded", () =>
  unharmed(world(), {
    ...{ code: "store/wrong-digest", subject, changes },
    attack: () => answerWith(randomBytes(adapter.size)),
  }));

test("half a model is not loaded", () =>
  unharmed(world(), {
    ...{ code: "reconcile/fetch-failed", subject: adapter.name, changes },
    attack: () => answerWith(readFileSync(adapter.path).subarray(0, adapter.size / 2)),
  }));

test("not one byte more is written than the plan says; and from an honest hub the model comes", async () => {
  // Once the hub was honest again, the agent may have got the rest of it before the next plan came.
  await rm(join(world().state, "blobs", "sha256", hexOf(adapter.digest)), { force: true });
  await unharmed(world(), {
    ...{ code: "store/too-long", subject, changes, next: withAdapter },
    attack: () => answerWith(randomBytes(adapter.size + 1)),
  });
});
