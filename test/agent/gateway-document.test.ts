/** What the gateway says of itself: its OpenAPI document, held against its routes and its answers; its page. */
import { createHash } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { bareApp } from "../../agent/gateway/app.ts";
import type { Office } from "../../agent/gateway/office.ts";
import { addRoutes } from "../../agent/gateway/routes.ts";
import { silentJournal, systemChance, systemClock } from "../../agent/life/life.ts";
import { echoEngine, startGateway, verifiedPlan } from "./gateway-kit.ts";

interface Described {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: {
      readonly "application/json": { readonly schema: object; readonly example: object };
    };
  };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: { readonly Error: object } };
}

async function documented() {
  const started = await startGateway([echoEngine()]);
  const response = await fetch(`${started.url}/openapi.json`);
  return { ...started, document: (await response.json()) as ApiDocument };
}

test("the document is valid OpenAPI 3.1", async () => {
  const { document } = await documented();
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...document });
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe("3.1");
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test("it tells what fields mean, and what each refuses", async () => {
  const { document } = await documented();
  const chat = document.paths["/v1/chat/completions"]?.["post"];
  expect(chat?.requestBody?.content["application/json"].schema).toMatchObject({
    required: expect.arrayContaining(["model", "messages"]),
    properties: { temperature: { description: expect.stringContaining("0 when absent") } },
  });
  expect(Object.keys(chat?.responses ?? {})).toEqual(
    expect.arrayContaining("200 400 401 404 405 408 413 415 429 500 503 504".split(" ")),
  );
});

test("every route of the gateway is in it, and nothing else is", async () => {
  const { document } = await documented();
  const app = bareApp({ clock: systemClock, chance: systemChance, journal: silentJournal });
  const routes = new Set<string>();
  app.addHook("onRoute", ({ method, url }) => {
    // The other methods of an address come as a list, and HEAD with each GET.
    if (typeof method === "string" && method !== "HEAD")
      routes.add(`${method.toLowerCase()} ${url.replace(/:(\w+)/, "{$1}")}`);
  });
  addRoutes(app, { plan: () => verifiedPlan(), closed: () => false } as unknown as Office);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.toSorted()).toEqual([...routes].toSorted());
});

test("its examples are answered, as it says that they are", async () => {
  const { document, post, url } = await documented();
  const ajv = new Ajv2020({ strict: false });
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { requestBody, responses }] of Object.entries(methods)) {
      const example = requestBody?.content["application/json"].example;
      const response =
        example === undefined
          ? await fetch(`${url}${path.replace("{id}", "triage")}`)
          : await post(path, { ...example, ...("model" in example && { model: "triage" }) });
      const { content } = responses[response.status] ?? {};
      expect([method, path, response.status, content === undefined]).toEqual([
        ...[method, path, path === "/v1/feedback" ? 202 : 200],
        false,
      ]);
      const schema = content?.["application/json"]?.schema;
      if (schema === undefined) continue;
      const read = ajv.compile(schema);
      expect([path, read(await response.json()), read.errors]).toEqual([path, true, null]);
    }
});

test("its errors are those that there are", async () => {
  const { document, post } = await documented();
  const read = new Ajv2020().compile(document.components.schemas.Error);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { responses }] of Object.entries(methods)) {
      if (method !== "post") continue;
      for (const body of ["{", "[]", "{}"]) {
        const response = await post(path, body);
        expect(Object.keys(responses)).toContain(String(response.status));
        expect([path, read(await response.json())]).toEqual([path, true]);
      }
    }
});

test("the page loads nothing from elsewhere, and runs nothing but its own script", async () => {
  const { url, document } = await documented();
  const response = await fetch(url);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    ...[200, "text/html; charset=utf-8"],
  ]);
  const html = await response.text();
  const policy = response.headers.get("content-security-policy") ?? "";
  for (const element of ["style", "script"]) {
    const found = [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, "g"))];
    expect(found).toHaveLength(1);
    const digest = createHash("sha256")
      .update(found[0]?.[1] ?? "")
      .digest("base64");
    expect(policy).toContain(`${element}-src 'sha256-${digest}'`);
  }
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(html).not.toMatch(/\son\w+=|\bsrc=|<link|innerHTML|javascript:/);
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(["/openapi.json"]);
  for (const path of Object.keys(document.paths)) expect(html).toContain(`${path}</code>`);
  // A page of another origin cannot read it, and a model's name in it would be for everybody.
  expect(html).not.toContain("triage");
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
});
