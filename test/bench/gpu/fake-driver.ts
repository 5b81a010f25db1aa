import { gpuKeys, gpuTable } from "../../../agent/hardware/hardware.ts";

/** A shell script that prints what `nvidia-smi` would for so many GPUs, to the fields that it is asked for. */
export function fakeDriver(gpus: number): string {
  const measured = gpuKeys.flatMap((key) => gpuTable[key].smi?.slice(0, 1) ?? []);
  // In the order in which the probe asks.
  const about = ["index", "uuid", "pci.bus_id", "driver_version"];
  const fields = [...about, ...new Set(measured), "name"];
  const known = fields.filter((field) => !field.startsWith("millwright."));
  const line = (index: number) =>
    known
      .map((field) => {
        switch (field) {
          case "index":
            return String(index);
          case "uuid":
            return `GPU-00000000-0000-0000-0000-00000000000${index}`;
          case "pci.bus_id":
            return `00000000:6${index}:00.0`;
          case "driver_version":
            return "590.48.01";
          case "name":
            return "NVIDIA H200";
          case "clocks_event_reasons.active":
            return "0x0000000000000004";
          default:
            return "0";
        }
      })
      .join(", ");
  return `#!/bin/sh
if [ "$1" = --help-query-gpu ]; then
  printf '"%s"\\n' ${known.join(" ")}
  exit 0
fi
while :; do
${Array.from({ length: gpus }, (_, index) => `  echo '${line(index)}'`).join("\n")}
  sleep 0.1
done
`;
}
