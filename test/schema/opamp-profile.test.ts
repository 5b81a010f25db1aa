/** The page about our profile of OpAMP says what the proto says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../schema/opamp");
const proto = readFileSync(join(folder, "opamp.proto"), "utf8").replace(/\/\/.*$/gm, "");
const page = readFileSync(join(folder, "PROFILE.md"), "utf8");

function fieldsOfProto(): Record<string, readonly string[]> {
  const messages = proto.matchAll(/^message (\w+) \{(?:\}|$([\s\S]*?)^\})/gm);
  return Object.fromEntries(
    [...messages].map(([, name, body = ""]) => [
      name,
      [...body.matchAll(/(\w+) = \d+;/g)].map(([, field]) => field ?? ""),
    ]),
  );
}

function fieldsOfPage(): Record<string, readonly string[]> {
  const [, ...sections] = page.split(/^### /m);
  return Object.fromEntries(
    sections.map((section) => [
      section.split("\n", 1)[0],
      [...section.matchAll(/^\| (\w+) \|/gm)]
        .map(([, field]) => field ?? "")
        .filter((field) => field !== "field"),
    ]),
  );
}

test("each message and field of our proto is in the page, in this order, and no others", () => {
  const fields = fieldsOfProto();
  expect(Object.keys(fields).length).toBe(20);
  expect(fields["AgentToServer"]).toHaveLength(11);
  expect(fieldsOfPage()).toEqual(fields);
});

test.each([
  ["AgentCapabilities", "agent"],
  ["ServerCapabilities", "hub"],
])("the bits of %s that we set are those that the page says yes to", (name, side) => {
  const [, body = ""] = new RegExp(`^enum ${name} \\{([\\s\\S]*?)^\\}`, "m").exec(proto) ?? [];
  const bits = [...body.matchAll(/_(\w+) = [1-9]/g)].map(([, bit]) => bit);
  const [, table = ""] = page.split(`| bit | ${side} | why |`);
  const [rows = ""] = table.split("\n\n");
  const yes = [...rows.matchAll(/^\| (\w+) \| yes/gm)].map(([, bit]) => bit);
  expect(yes.length).toBeGreaterThan(2);
  expect(yes).toEqual(bits);
});
