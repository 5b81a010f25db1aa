import { resolve } from "node:path";
import { visibleLines } from "@millwright/schema";
import { type AddCommand, stateOption } from "./context.ts";

const example = `
Example:
  $ millwright-agent doctor

Changes nothing. Exit code 1: something fails.`;

export const doctorCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("doctor")
    .description(
      "look at driver, disk, keys, clock, hub, ports, engine, service and version, and say what to do",
    )
    .option(...stateOption)
    .option("--json", "print { findings: [{ check, status, message, cure? }] }")
    .addHelpText("after", example)
    .action(async ({ state, json }: { state: string; json?: true }) => {
      const { examine } = await import("../doctor/doctor.ts");
      const { systemChance, systemClock } = await import("../life/life.ts");
      const findings = await examine(
        { state: resolve(terminal.cwd, state), clock: systemClock, chance: systemChance },
        terminal.signal,
      );
      if (json) terminal.out(`${JSON.stringify({ findings }, null, 2)}\n`);
      else
        for (const { check, status, message, ...rest } of findings) {
          terminal.out(
            `${status.padEnd(5)} ${check.padEnd(8)} ${visibleLines(message).join(" ")}\n`,
          );
          if ("cure" in rest) terminal.out(`${" ".repeat(15)}→ ${rest.cure}\n`);
        }
      finish(findings.some(({ status }) => status === "fail") ? 1 : 0);
    });
};
