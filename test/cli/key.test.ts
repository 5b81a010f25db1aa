/** Keys for callers. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { millwright, temporary } from "./cli-kit.ts";

test("a key is shown once, with the digest by which the factory knows it, and no two are the same", async () => {
  const folder = temporary();
  const keys = new Set<string>();
  for (let made = 0; made < 3; made += 1) {
    const { code, out } = await millwright(folder, "key", "--json");
    const { key, digest } = JSON.parse(out) as { key: string; digest: string };
    expect({ code, key }).toEqual({ code: 0, key: expect.stringMatching(/^mw-[\w-]{43}$/) });
    expect(digest).toBe(`sha256:${createHash("sha256").update(key).digest("hex")}`);
    keys.add(key);
  }
  expect(keys.size).toBe(3);
});

test("the key alone goes to where it can be piped", async () => {
  const { out, err } = await millwright(temporary(), "key");
  expect(out).toMatch(/^mw-[\w-]{43}\n$/);
  expect(err).not.toContain(out.trim());
  expect(err).toContain("apiKeys: { <caller>: { digest: ");
});
