import type { AgentStatus } from "@millwright/schema";

/** What `systemctl status` shows. */
export function statusLine({ running, deployments, conditions }: AgentStatus): string {
  const all = Object.values(deployments);
  const ready = all.filter((one) => one.ready > 0 && one.ready === one.instances).length;
  const errors = conditions.filter(({ severity }) => severity === "error").length;
  const revision = running === null ? "no revision" : `revision ${running.revision}`;
  return `${revision}, ${ready} of ${all.length} deployments ready, ${errors} errors`;
}
