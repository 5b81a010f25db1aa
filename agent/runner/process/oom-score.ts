import { readFileSync, writeFileSync } from "node:fs";

/** As in the runner's unit (agent/install): above the agent's, which has -100 there and 0 by hand. */
const SCORE = 200;
const FILE = "/proc/self/oom_score_adj";

/** When memory runs out, the kernel is to end a model rather than the agent, which would start it again (proc_pid_oom_score_adj(5)). */
export function volunteerForOom(): void {
  try {
    if (Number(readFileSync(FILE, "utf8")) < SCORE) writeFileSync(FILE, String(SCORE));
  } catch {
    // A sandbox without /proc, or one that allows no writing there: it runs as well without.
  }
}
