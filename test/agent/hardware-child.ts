/** A process that watches the hardware as an agent does, until it is told to stop. Arguments: the driver's tool. */
import { gpuProbe } from "../../agent/hardware/hardware.ts";
import { conditionsOf, silentJournal, systemClock } from "../../agent/life/life.ts";

const [command = ""] = process.argv.slice(2);
const conditions = conditionsOf(systemClock);
const probe = gpuProbe({
  ...{ everyMs: 100, clock: systemClock, conditions, journal: silentJournal },
  ...{ command, cards: "/nowhere", library: "/nowhere" },
});
const end = new AbortController();
process.once("SIGTERM", () => end.abort());
const running = probe.service(end.signal);
while (probe.samples().length === 0) await systemClock.sleep(20, end.signal);
process.stdout.write("sampled\n");
await running;
process.stdout.write("stopped\n");
