import { expect, test } from "vitest";
import { systemChance, uuid7 } from "../../agent/life/life.ts";
import { fakeHub, identityOf, interactionOf, opened, stateFolder } from "./feedback-kit.ts";
import { eventually } from "./gateway-kit.ts";

const unsampled = { sample: 0 };
const secrets = [
  ...["hugo@acme.example", "+41 44 668 18 00", "DE89370400440532013000"],
  ...["4111 1111 1111 1111", "192.168.7.9", "2001:db8::8a2e:370:7334"],
];

function correctionOf(interactionId: string, content: string) {
  const output = [{ role: "assistant", parts: [{ type: "text" as const, content }] }];
  return { interactionId, role: "user", said: { kind: "correction", body: { output } } } as const;
}

test("a correction reaches the hub, with the interaction that chance had not kept", async () => {
  const identity = identityOf();
  const hub = await fakeHub(identity);
  const { feedback, conditions, start } = await opened(await stateFolder(), {
    ...{ identity, hubs: () => [hub.url], token: async (audience: string) => `for ${audience}` },
  });
  start();
  const seen = interactionOf("Cancel keyboard 6823. Hugo", "Hugo: cancel. Team: sales.", unsampled);
  feedback.recorder.interaction(seen);
  const taken = await feedback.recorder.opinion(correctionOf(seen.id, "Hugo: cancel. Team: care."));
  if (!taken.ok) throw new Error(taken.why);
  await eventually("the correction is with the hub", () => hub.samples.has(taken.id));
  const [interaction, correction] = [...hub.samples.values()];
  expect(interaction).toMatchObject({
    ...{ kind: "interaction", host: "fra-1", seq: 1, interactionId: seen.id },
    task: "summarise-mail",
    plan: {
      digest: seen.origin.plan.digest,
      revision: 7,
      factory: "support",
      deployment: "triage",
    },
    model: { name: "mail-triage", runtime: "echo 1" },
    sampling: { reason: "asked", rate: 1 },
    governance: {
      classification: "internal",
      purposes: ["serve", "evaluate", "train"],
      expiresAt: seen.at + 90 * 86_400_000,
    },
    body: seen.body,
  });
  expect(correction).toMatchObject({
    ...{ kind: "correction", id: taken.id, seq: 2, interactionId: seen.id },
    author: { role: "user" },
    body: { editDistance: 3, editRatio: 3 / 26 },
  });
  expect(hub.tokens[0]).toBe(`Bearer for ${hub.url}`);
  expect(conditions.list()).toEqual([]);
  // Said once more of the same answer: the interaction is not kept again.
  const again = await feedback.recorder.opinion(correctionOf(seen.id, "other"));
  if (!again.ok) throw new Error(again.why);
  await eventually("the second one too", () => hub.samples.has(again.id));
  expect([...hub.samples.values()].map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test("nothing is on the disk before it is redacted", async () => {
  const folder = await stateFolder();
  const { feedback, close } = await opened(folder);
  const planted = `Write to ${secrets.join(" or ")}, order 6823`;
  const seen = { ...interactionOf(planted, planted), episodeId: `of ${secrets[0]}` };
  feedback.recorder.interaction(seen);
  const say = (said: Parameters<typeof feedback.recorder.opinion>[0]["said"]) =>
    feedback.recorder.opinion({ interactionId: seen.id, role: "user", said });
  const words = [{ role: "assistant", parts: [{ type: "text" as const, content: planted }] }];
  const label = `${secrets[4]} ${secrets[0]}`;
  const taken = await Promise.all([
    say({ kind: "correction", body: { output: words } }),
    say({ kind: "preference", body: { chosen: words, rejected: words } }),
    say({ kind: "comment", body: { text: planted } }),
    say({ kind: "rating", body: { metric: label, value: label } }),
  ]);
  expect(taken.every(({ ok }) => ok)).toBe(true);
  await close();
  const everything = await folder.everything();
  for (const secret of secrets) expect(everything).not.toContain(secret);
  expect(everything.match(/order 6823/g)).toHaveLength(6);
  expect(everything).toContain('"counts":{"EMAIL":3,"IBAN":2,"CARD":2,"IP":4,"PHONE":2}');
  expect(everything).toContain('"episodeId":"of [EMAIL]"');
});

test("a factory that redacts nothing keeps the words, and one without feedback keeps none", async () => {
  const folder = await stateFolder();
  const { feedback, close } = await opened(folder);
  feedback.recorder.interaction(interactionOf("mail hugo@acme.example", "", { redact: "nothing" }));
  const silent = interactionOf("mail eva@acme.example", "", null);
  feedback.recorder.interaction(silent);
  expect(await feedback.recorder.opinion(correctionOf(silent.id, "x"))).toEqual({
    ...{ ok: false, why: "unknown-interaction" },
  });
  expect(
    await feedback.recorder.opinion({ ...correctionOf(silent.id, "x"), origin: silent.origin }),
  ).toEqual({ ok: false, why: "keeps-none", factory: "support" });
  await close();
  const everything = await folder.everything();
  expect(everything).toContain("hugo@acme.example");
  expect(everything).not.toContain("eva@acme.example");
});

test("chance keeps the share that the factory asks for", async () => {
  const folder = await stateFolder();
  const draws = [0.09, 0.1, 0.5, 0.0999, 0.9];
  const chance = { ...systemChance, fraction: () => draws.shift() ?? 1 };
  const { feedback, close } = await opened(folder, { chance });
  for (const draw of [...draws]) {
    feedback.recorder.interaction(interactionOf(`draw ${draw}`, "", { sample: 0.1 }));
  }
  await close();
  const everything = await folder.everything();
  expect(everything.match(/draw [\d.]+/g)).toEqual(["draw 0.09", "draw 0.0999"]);
  expect(everything).toContain('"sampling":{"reason":"rate","rate":0.1}');
});

test("an interaction that nobody remembers needs to be told where it came from", async () => {
  const folder = await stateFolder();
  const { feedback, close } = await opened(folder);
  const id = uuid7(Date.now(), systemChance);
  const opinion = correctionOf(id, "Hugo: cancel.");
  expect(await feedback.recorder.opinion(opinion)).toEqual({
    ...{ ok: false, why: "unknown-interaction" },
  });
  const { origin } = interactionOf("", "");
  expect(await feedback.recorder.opinion({ ...opinion, origin })).toMatchObject({ ok: true });
  await close();
  const lines = (await folder.everything()).match(/^\{.*$/gm) ?? [];
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`"interactionId":"${id}"`);
  expect(lines[0]).not.toContain("editDistance");
});

test("an opinion that is too large to be kept is refused, and counted", async () => {
  const { feedback, conditions } = await opened(await stateFolder());
  const { origin } = interactionOf("", "");
  const opinion = correctionOf(uuid7(Date.now(), systemChance), "x".repeat(3 * 1024 ** 2));
  expect(await feedback.recorder.opinion({ ...opinion, origin })).toEqual({
    ...{ ok: false, why: "too-large" },
  });
  expect(conditions.list().map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^feedback\/dropped .*1 \(correction, too large\)/),
  ]);
});

test("receipts reach the hub before feedback, signed, once in effect, also after a restart", async () => {
  const identity = identityOf();
  const folder = await stateFolder();
  const plan = `sha256:${"0".repeat(64)}`;
  const happened = { revision: 7, plan, result: "running" as const, models: [] };
  const first = await opened(folder, { identity });
  await first.feedback.outbox.put(happened);
  first.feedback.recorder.interaction(interactionOf("a", "b"));
  await first.close();
  const hub = await fakeHub(identity);
  const second = await opened(folder, { identity, hubs: () => [hub.url] });
  second.start();
  await eventually("all is with the hub", () => hub.samples.size === 1);
  expect(hub.bodies.map(({ path }) => path.split("/")[2])).toEqual(["receipts", "feedback"]);
  expect([...hub.receipts.values()]).toMatchObject([{ ...happened, host: "fra-1", counter: 1 }]);
  await second.close();
  expect((await folder.files()).filter((path) => path.includes("outbox"))).toEqual([
    expect.stringContaining("head.json"),
  ]);
});
