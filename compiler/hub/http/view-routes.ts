import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { pageOf } from "../page/page.ts";
import {
  healthOf,
  hostDetail,
  hostSummary,
  hubAnswer,
  revisionViews,
  sampleView,
} from "../views.ts";
import { refuse } from "./answer.ts";
import type { HttpRequest } from "./http.ts";
import { LIST_HELP, type ListQuery, parseListQuery } from "./list-query.ts";

const HOSTS_ON_PAGE = 500;
const stylesheet = join(import.meta.dirname, "../page/style.css");

/** What people and their tools look at. Reads, and changes nothing. */
export function viewRoutes(app: FastifyInstance, hub: HttpRequest): void {
  const answerOf = () =>
    hubAnswer({
      repository: hub.repository,
      startedAt: hub.startedAt,
      following: hub.following(),
      hosts: hub.fleet.hosts(),
      now: hub.clock.now(),
    });
  app.get("/healthz", async (_request, reply) => {
    const health = healthOf(hub.following(), hub.clock.now());
    return reply.code(health.state === "failing" ? 503 : 200).send(health);
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type(hub.metrics.contentType).send(await hub.metrics.text()),
  );
  app.get("/v1/hub", async () => answerOf());
  app.get<{ Params: { name: string } }>("/v1/hosts/:name", async ({ params }, reply) => {
    const host = hub.fleet.host(params.name);
    if (host === undefined) return refuse(reply, 404, "hub/no-such-host", "There is no such host.");
    return hostDetail(host, hub.clock.now());
  });
  listRoutes(app, hub);
  app.get("/", async (_request, reply) => {
    const { store, clock, fleet } = hub;
    const now = clock.now();
    const hosts = fleet.hosts();
    const markup = pageOf({
      now,
      hub: answerOf(),
      hosts: hosts.slice(0, HOSTS_ON_PAGE).map((host) => hostDetail(host, now)),
      revisions: revisionViews(await store.revisions.list(10), hosts),
      samples: ((await store.feedback.list({ limit: 20 })) ?? []).map(sampleView),
      counts: await store.feedback.counts(),
      events: await store.events.list(10),
    });
    return reply.type("text/html; charset=utf-8").send(markup);
  });
  app.get("/style.css", async (_request, reply) =>
    reply.type("text/css; charset=utf-8").send(await readFile(stylesheet)),
  );
}

/** Newest first; hosts by name. `next`, where there is more, is the `after` of the following part. */
function listRoutes(app: FastifyInstance, { store, clock, fleet }: HttpRequest): void {
  const list = (
    path: string,
    usual: number,
    answer: (query: ListQuery, reply: FastifyReply) => Promise<unknown>,
  ) =>
    app.get(path, async (request, reply) => {
      const query = parseListQuery(request.query, usual);
      if (query === undefined) return refuse(reply, 400, "hub/bad-query", LIST_HELP);
      return answer(query, reply);
    });
  list("/v1/hosts", 1_000, async ({ limit, after = "" }) => {
    const rest = fleet.hosts().filter(({ name }) => name > after);
    const hosts = rest.slice(0, limit).map((host) => hostSummary(host, clock.now()));
    const next = rest.length > limit ? hosts.at(-1)?.name : undefined;
    return { hosts, next };
  });
  list("/v1/revisions", 100, async ({ limit }) => ({
    revisions: revisionViews(await store.revisions.list(limit), fleet.hosts()),
  }));
  list("/v1/feedback", 100, async ({ limit, after, kind }, reply) => {
    const found = await store.feedback.list({ limit, after, kind });
    if (found === undefined) {
      return refuse(reply, 400, "hub/bad-query", "There is no sample with the id in `after`.");
    }
    const samples = found.map(sampleView);
    return { samples, next: samples.length === limit ? samples.at(-1)?.id : undefined };
  });
  list("/v1/receipts", 100, async ({ limit, host }) => ({
    receipts: await store.receipts.list({ limit, host }),
  }));
  list("/v1/receipts/sealed", 1_000, async ({ limit, after }) => {
    const receipts = await store.receipts.sealed({ limit, after });
    return { receipts, next: receipts.length === limit ? receipts.at(-1)?.id : undefined };
  });
  list("/v1/quarantine", 100, async ({ limit }) => ({
    quarantined: await store.quarantined(limit),
  }));
  list("/v1/events", 100, async ({ limit }) => ({ events: await store.events.list(limit) }));
}
