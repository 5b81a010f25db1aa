/** No secret ever: whatever is fed to an agent, neither its log, nor its status, nor its metrics tell it again. */
import { createPrivateKey } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../attacks/until-kit.ts";
import { type Household, household } from "./log-secrets-kit.ts";

/** Each is found by itself: none is part of another. */
const secrets = {
  environment: "env-0f5d1c7e9a",
  callerKey: "sk-caller-7b1e44d0c2",
  prompt: "prompt-c95fa0e173",
  mail: "ana.gonzalez.58ae@example.org",
  correction: "correction-ee02b7",
  comment: "comment-4471cdfa",
  query: "query-9d0b7713aa",
  path: "path-63b5f0de21",
  badJson: "badjson-e7704a91",
  field: "field-27fa9be0c4",
  wrongLocalToken: "local-51e9d8a7b3",
  folder: "folder-8be3410f7c",
  mirrorUser: "user-6f1b9c3d20",
  mirrorPassword: "password-a4c87e1f55",
  sourcePassword: "password-19cd3b7e82",
  signature: "signature-73ad91c04e",
  hubWords: "hub-says-b82f6a1d93",
} as const;

let home: Household;
let told: string;
let lines: readonly string[];
/** What only came about while the agent ran. */
let found: Readonly<Record<string, string>>;

beforeAll(async () => {
  home = await household({
    MILLWRIGHT_TOKEN: secrets.environment,
    AWS_SECRET_ACCESS_KEY: secrets.environment,
    HF_TOKEN: secrets.environment,
  });
  await feedCallers();
  await feedLocal();
  await home.wantFrom(
    [
      `https://reader:${secrets.sourcePassword}@127.0.0.1:1/models/care.gguf`,
      `https://127.0.0.1:1/models/care.gguf?X-Signature=${secrets.signature}`,
    ],
    [`https://${secrets.mirrorUser}:${secrets.mirrorPassword}@127.0.0.1:1/mirror`],
  );
  await until("the store has tried every source", async () =>
    home.log().includes("store/source-failed"),
  );
  await until("the model that cannot be had is told", async () =>
    (await (await home.local("/status")).text()).includes("could not be had"),
  );
  await loseHub();
  const views = ["/status", "/metrics", "/healthz"].map(async (path) =>
    (await home.local(path)).text(),
  );
  const shown = (await Promise.all(views)).join("\n");
  found = {
    localToken: await home.localToken(),
    hubToken: home.hub.tokens.at(-1) ?? "",
    hostKeyFile: home.keyFile.split("\n")[1] ?? "",
    hostKey: createPrivateKey(home.keyFile).export({ format: "jwk" }).d ?? "",
  };
  await home.stop();
  told = `${home.log()}\n${shown}`;
  lines = home.log().trimEnd().split("\n");
}, 90_000);

afterAll(async () => home[Symbol.asyncDispose]());

async function feedCallers(): Promise<void> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${secrets.callerKey}`,
  };
  const post = (path: string, body: unknown) =>
    home.gateway(path, {
      ...{ method: "POST", headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const asked = {
    ...{ model: "triage", temperature: 0, max_tokens: 4, user: secrets.mail },
    messages: [{ role: "user", content: `${secrets.prompt}: write to ${secrets.mail}` }],
  };
  const answer = await post("/v1/chat/completions", asked);
  expect(answer.status).toBe(200);
  const { id } = (await answer.json()) as { id: string };
  const opinions = [
    { id, kind: "correction", output: `${secrets.correction} ${secrets.mail}` },
    { id, kind: "comment", text: secrets.comment },
  ];
  for (const opinion of opinions) expect((await post("/v1/feedback", opinion)).status).toBe(202);
  // What fails must be as silent as what succeeds; the second has a field that nobody knows, and is answered.
  const answers = [
    await post("/v1/chat/completions", `{ "${secrets.badJson}": `),
    await post("/v1/chat/completions", { ...asked, [secrets.field]: secrets.prompt }),
    await post("/v1/chat/completions", { ...asked, model: secrets.field }),
    await post("/v1/chat/completions", { ...asked, temperature: secrets.prompt }),
    await post("/v1/chat/completions", {
      ...asked,
      messages: [{ role: "user", content: `${secrets.prompt} `.repeat(200) }],
    }),
    await post("/v1/feedback", { id: secrets.field, kind: "comment", text: secrets.comment }),
    await post(`/v1/${secrets.path}?key=${secrets.query}`, {}),
    await home.gateway(`/%zz${secrets.path}`, { headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 200, 404, 400, 400, 400, 404, 400]);
}

async function feedLocal(): Promise<void> {
  const apply = (token: string, folder: string) =>
    home.local("/apply", {
      ...{ method: "POST", headers: { authorization: `Bearer ${token}` } },
      body: JSON.stringify({ folder }),
    });
  expect((await apply(secrets.wrongLocalToken, "/")).status).toBe(401);
  const said = await (await apply(await home.localToken(), "/no/such/folder")).text();
  expect(said).not.toBe("");
  await home.local(`/${secrets.path}?token=${secrets.query}`);
}

/** The line breaks, and the hub then refuses with words of its own. */
async function loseHub(): Promise<void> {
  const before = home.hub.dials;
  home.hub.hooks = {
    upgrade(socket) {
      const body = JSON.stringify({ error: { code: "hub/bad-token", message: secrets.hubWords } });
      socket.end(
        `HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      return true;
    },
  };
  home.hub.cut();
  await until("the agent is refused", async () => home.hub.dials > before);
  await until("the agent tells it", async () => home.log().includes("link/lost"));
}

test.each(Object.entries(secrets))("it tells nothing of what it was fed: %s", (_, secret) => {
  expect(told).not.toContain(secret);
});

test.each(["localToken", "hubToken", "hostKeyFile", "hostKey"])(
  "it tells nothing of what is its own: %s",
  (name) => {
    const secret = found[name] ?? "";
    expect(secret.length).toBeGreaterThan(20);
    expect(told).not.toContain(secret);
    // A token is as good as its signature.
    expect(told).not.toContain(secret.split(".").at(-1));
  },
);

test("each line of the log is JSON: an event with a name, a time and a level", () => {
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({
      event: expect.stringMatching(/^[a-z-]+\/[a-z-]+$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: expect.any(Number),
    });
});
