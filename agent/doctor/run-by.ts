import { stat } from "node:fs/promises";
import { type Check, fail, ok, warn } from "./finding.ts";
import { said } from "./said.ts";

const words = ["show", "millwright-agent.service", "--property=LoadState,ActiveState,NRestarts"];

/** Whether systemd runs the agent, and how it fares. */
export const checkService: Check = async (_patient, signal) => {
  const runs = await stat("/run/systemd/system").catch(() => undefined);
  if (runs === undefined)
    return [ok("systemd does not run this machine; the agent is run by hand")];
  const text = (await said("systemctl", words, signal)) ?? "";
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "unknown";
  if (of("LoadState") !== "loaded")
    return [warn("systemd does not know the agent.", "Run millwright-agent install.")];
  const restarts = Number(of("NRestarts"));
  if (of("ActiveState") !== "active")
    return [
      fail(
        `The agent's unit is ${of("ActiveState")}.`,
        "See journalctl -u millwright-agent, then systemctl start millwright-agent.",
      ),
    ];
  return restarts > 0
    ? [
        warn(
          `systemd had to restart the agent ${restarts} times.`,
          "See why: journalctl -u millwright-agent -p warning.",
        ),
      ]
    : [ok("systemd runs the agent")];
};
