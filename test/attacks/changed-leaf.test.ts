import { delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

test("one changed word of a plan, another spelling of it, or a changed hash of its proof, is not what people signed", () =>
  unharmed(world(), {
    code: "trust/changed-plan",
    async attack() {
      const { plan, inclusion } = delivered;
      const word = (text: string) => text.replace('"parallel":1', '"parallel":9');
      expect(await refusalOf(plan, word)).toBe("trust/not-in-tree");
      const digit = (text: string) =>
        text.replace(/[0-9a-f](?=[0-9a-f]{63})/, (one) => (one === "0" ? "1" : "0"));
      expect(await refusalOf(inclusion, digit)).toBe("trust/not-in-tree");
      const spelling = (text: string) => `${text} `;
      expect(await refusalOf(plan, spelling)).toBe("trust/changed-plan");
    },
  }));

function refusalOf(name: string, change: (text: string) => string): Promise<string> {
  const files = world().forged();
  const text = Buffer.from(files.get(name) ?? "").toString("utf8");
  expect(change(text)).not.toBe(text);
  return world().evil.refusal(new Map(files).set(name, Buffer.from(change(text))));
}
