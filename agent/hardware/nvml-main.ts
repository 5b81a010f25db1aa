/**
 * A process of its own that asks NVIDIA's library and prints what `nvidia-smi` would, to the same arguments: the library
 * calls into a driver that may hang, and what hangs there cannot be called off.
 */
import { parseArgs } from "node:util";
import { systemClock } from "../life/life.ts";
import { nvmlReadings, openNvml } from "./nvml.ts";

const interval = process.argv.indexOf("-lms");
const { values } = parseArgs({
  args: process.argv.slice(2, interval < 0 ? undefined : interval),
  options: {
    library: { type: "string", default: "libnvidia-ml.so.1" },
    "help-query-gpu": { type: "boolean", default: false },
    "query-gpu": { type: "string", default: "" },
    format: { type: "string" },
  },
});
// Nobody listens any more: the agent has gone.
process.stdout.on("error", () => process.exit(0));

if (values["help-query-gpu"]) {
  for (const name of ["index", ...Object.keys(nvmlReadings)]) process.stdout.write(`"${name}"\n`);
} else {
  const everyMs = Number(process.argv[interval + 1]);
  const fields = values["query-gpu"].split(",");
  const nvml = openNvml(values.library);
  const never = new AbortController().signal;
  for (;;) {
    for (const device of nvml.devices())
      process.stdout.write(`${fields.map((field) => device.read(field)).join(", ")}\n`);
    await systemClock.sleep(everyMs, never);
  }
}
