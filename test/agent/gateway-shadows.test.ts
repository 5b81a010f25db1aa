import { describe, expect, test } from "vitest";
import type { Gateway } from "../../agent/gateway/gateway.ts";
import { EngineError } from "../../agent/runner/runner.ts";
import { eventually } from "./gateway-kit.ts";
import { routesOf, saying } from "./gateway-routes-kit.ts";

const lost = new EngineError("engine-lost", "The process ended.");

describe("a shadow", () => {
  const shadow = { to: "large", share: 1 };
  const counted = ({ gateway }: { gateway: Gateway }) =>
    Object.fromEntries(
      gateway
        .routes()
        .map(({ what, labels, value }) => [
          [what.replace("millwright.route.", ""), labels["outcome"]].filter(Boolean).join(" "),
          value,
        ]),
    );

  test("is asked the same afterwards, its answer is compared, and nobody gets it", async () => {
    const events: object[] = [];
    const large = saying("other", { sure: 0.3 });
    const made = await routesOf(
      { to: ["small"], shadow },
      { small: saying("given"), large },
      { journal: (_, event) => void events.push(event) },
    );
    expect((await made.answer()).said).toBe("given");
    await eventually("it is compared", () => counted(made)["shadow.requests compared"] === 1);
    expect(counted(made)).toMatchObject({ "shadow.equal": 0, requests: 1 });
    expect(counted(made)["shadow.distance"]).toBeGreaterThan(0.5);
    expect(made.interactions).toHaveLength(1);
    expect(made.gateway.usage().map(({ deployment }) => deployment)).toEqual(["small"]);
    const compared = events.filter((event) => JSON.stringify(event).includes("shadow-compared"));
    expect(compared).toMatchObject([
      { route: "mail", shadow: "large", equal: false, confidence: 0.3 },
    ]);
    expect(JSON.stringify(compared)).not.toMatch(/given|other/);
    expect(made.out()).toBe(0);
  });

  test("gives its place to whoever wants it, and fails without a word", async () => {
    const slow = saying("slow", { waitMs: 1_500 });
    const made = await routesOf({ to: ["small"], shadow }, { small: saying("given"), large: slow });
    await made.answer();
    await eventually("it is asked", () => slow.asked.length === 1);
    void made.ask({ model: "large" }).catch(() => undefined);
    await eventually("it has stopped", () => counted(made)["shadow.requests stopped"] === 1);
    await eventually("whoever came is served", () => slow.asked.length === 2);
    const broken = saying("", { fails: lost });
    const other = await routesOf(
      { to: ["small"], shadow },
      { small: saying("given"), large: broken },
    );
    expect((await other.answer()).status).toBe(200);
    await eventually("it failed", () => counted(other)["shadow.requests failed"] === 1);
  });
});
