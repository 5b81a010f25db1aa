/** What every command says of itself. */
import { describe, expect, test } from "vitest";
import { millwright, temporary } from "./cli-kit.ts";

const commands = [
  ["init"],
  ["check"],
  ["evaluate"],
  ["plan"],
  ["prove"],
  ["explain"],
  ["diff"],
  ["lock"],
  ["schema"],
  ["key"],
  ["release"],
  ["sign"],
  ["trust"],
  ["verify"],
  ["log"],
  ["blame"],
  ["audit"],
  ["hub"],
  ["bundle"],
  ["demo"],
] as const;

describe("help", () => {
  test("every command that there is says what it does and shows an example", async () => {
    const { out } = await millwright(temporary(), "--help");
    for (const [name] of commands) expect(out).toContain(`\n  ${name} `);
    const listed = out
      .slice(out.indexOf("Commands:"))
      .match(/^ {2}[a-z]+/gm)
      ?.map((each) => each.trim());
    expect(listed?.filter((name) => name !== "help")).toEqual(commands.map(([name]) => name));
  });

  test.each(commands)("%s --help shows an example and ends with 0", async (name) => {
    const { code, out, err } = await millwright(temporary(), name, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Example:");
    expect(out).toContain(`$ millwright ${name}`);
  });

  test("--version is that of the package", async () => {
    const { code, out } = await millwright(temporary(), "--version");
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
