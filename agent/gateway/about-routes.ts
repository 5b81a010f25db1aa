import type { App } from "./app.ts";

/** What the gateway says of itself: `/openapi.json`, and a page. Neither is in memory before somebody asks for it. */
export function addAboutRoutes(app: App): void {
  app.get("/openapi.json", async (_request, reply) => {
    const { apiDocument } = await import("./api-document.ts");
    return reply.send(apiDocument());
  });
  app.get("/", async (_request, reply) => {
    const { gatewayPage } = await import("./page.ts");
    const { html, policy } = gatewayPage();
    reply.header("content-security-policy", policy);
    reply.header("referrer-policy", "no-referrer");
    reply.header("cross-origin-resource-policy", "same-origin");
    return reply.type("text/html; charset=utf-8").send(html);
  });
}
