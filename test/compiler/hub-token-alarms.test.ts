import { expect, test } from "vitest";
import { hostOf, offeringHub, released, tokenOf } from "./hub-kit.ts";
import { NOON } from "./release-kit.ts";

const MINUTE = 60_000;
const one = hostOf("fra-1");
const thief = hostOf("fra-1");

test("tokens that are not a host's own are an event, one a minute however many are tried", async () => {
  const hub = await offeringHub(await released(one));
  const tryToken = async (token: string) => {
    const path = `/v1/blobs/sha256/${"0".repeat(64)}`;
    await (await hub.get(path, { authorization: `Bearer ${token}` })).json();
  };
  const noted = async () => {
    const { events } = (await hub.json("/v1/events")) as { events: { code: string }[] };
    return events.map(({ code }) => code).filter((code) => code.endsWith("-token"));
  };
  const once = await tokenOf(one);
  await tryToken(once);
  await tryToken("nonsense");
  expect(await noted()).toEqual([]);
  for (let count = 0; count < 5; count += 1) await tryToken(once);
  for (let count = 0; count < 5; count += 1) await tryToken(await tokenOf(one, { key: thief.key }));
  await expect.poll(noted).toEqual(["hub/bad-token", "hub/replayed-token"]);
  hub.advance(MINUTE);
  await tryToken(await tokenOf(one, { key: thief.key, at: NOON + MINUTE }));
  await expect.poll(noted).toEqual(["hub/bad-token", "hub/bad-token", "hub/replayed-token"]);
});
