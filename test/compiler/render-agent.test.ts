/** The agent's own version in plans. */
import { expect, test } from "vitest";
import { definitionsOf, host, lockOf, plansOf } from "./definitions-kit.ts";

const archive = (processor: "x64" | "arm64", version = "0.2.0") =>
  `https://releases.example.org/${version}-${processor}.tar.zst`;
const agents = lockOf({
  [archive("x64")]: { kind: "agent", version: "0.2.0", processor: "x64" },
  [archive("arm64")]: { kind: "agent", version: "0.2.0", processor: "arm64" },
  [archive("x64", "0.3.0")]: { kind: "agent", version: "0.3.0", processor: "x64" },
});

test("the agent of the fleet is in every plan with its archives, and a host's own stands before it", () => {
  const packages = { x64: archive("x64"), arm64: archive("arm64") };
  const canary = { version: "0.3.0", packages: { x64: archive("x64", "0.3.0") } };
  const store = { address: "10.0.0.1:7430" };
  const definitions = definitionsOf({
    fleet: { agent: { version: "0.2.0", packages } },
    hosts: [host("a", { store }), host("b", { agent: canary, store }), host("c", { store })],
  });
  const { plans } = plansOf(definitions, agents);
  const [a, b, c] = [...plans.values()].map(({ plan }) => plan);
  const [x64, arm64, next] = [...agents.artifacts.values()].map(({ digest }) => digest);
  expect(a?.agent).toEqual({ version: "0.2.0", packages: { x64, arm64 } });
  expect(c?.agent).toEqual(a?.agent);
  expect(b?.agent).toEqual({ version: "0.3.0", packages: { x64: next } });
  expect(b?.blobs).toEqual({
    [next ?? ""]: {
      name: "agent-0.3.0-x64",
      size: agents.artifacts.get(archive("x64", "0.3.0"))?.size,
      sources: [archive("x64", "0.3.0")],
    },
  });
  // They copy it from each other, as they do models.
  expect(a?.peers?.map((peer) => [peer.host, [...peer.blobs].sort()])).toEqual([
    ["c", [x64, arm64].sort()],
  ]);
  expect(b?.peers).toBeUndefined();
});

test("a fleet that names no agent has none in its plans", () => {
  const { plans } = plansOf(definitionsOf({ hosts: [host("a")] }), agents);
  for (const { plan } of plans.values()) expect(plan).not.toHaveProperty("agent");
  expect(plans.size).toBe(1);
});
