/** An agent that starts one runner, says so, and waits to be killed: `runner-agent.ts STATE SPEC [ALONE_MS]`. */
import { openState } from "../../agent/disk/disk.ts";
import { silentJournal, systemClock } from "../../agent/life/life.ts";
import { type RunnerSpec, runnersIn } from "../../agent/runner/runner.ts";

const [root = "", spec = "", aloneMs] = process.argv.slice(2);
const runners = runnersIn({
  state: await openState(root),
  clock: systemClock,
  journal: silentJournal,
  ...(aloneMs !== undefined && { aloneMs: Number(aloneMs) }),
});
const never = new AbortController().signal;
const { pid } = await runners.start(JSON.parse(spec) as RunnerSpec, never);
process.stdout.write(`${pid}\n`);
await systemClock.sleep(60_000, never);
