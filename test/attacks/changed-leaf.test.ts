import { delivered } from "@millwright/schema";
import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

function offerChanged(name: string, change: (text: string) => string): void {
  const { evil, forged } = world();
  const files = forged();
  const text = Buffer.from(files.get(name) ?? "").toString("utf8");
  if (change(text) === text) throw new Error("nothing was changed");
  evil.offer(new Map(files).set(name, Buffer.from(change(text))));
}

test("one changed word in a plan that people signed makes it another plan", () =>
  unharmed(world(), {
    code: "trust/not-in-tree",
    attack: () =>
      offerChanged(delivered.plan, (text) => text.replace('"parallel":1', '"parallel":9')),
  }));

test("the same plan in another spelling is not the text that people signed", () =>
  unharmed(world(), {
    code: "trust/changed-plan",
    attack: () => offerChanged(delivered.plan, (text) => `${text} `),
  }));

test("a proof with a changed hash proves nothing", () =>
  unharmed(world(), {
    code: "trust/not-in-tree",
    attack: () =>
      offerChanged(delivered.inclusion, (text) =>
        text.replace(/[0-9a-f](?=[0-9a-f]{63})/, (digit) => (digit === "0" ? "1" : "0")),
      ),
  }));
