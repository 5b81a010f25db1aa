/**
 * Names and units of what is measured. Names without a dot-prefix of our own are those of the OpenTelemetry
 * semantic conventions (v1.44: `system.*`, `hw.*`, `gen_ai.*`); `millwright.*` where they have none.
 */
export const metrics = {
  cpuUtilization: {
    name: "system.cpu.utilization",
    unit: "1",
    help: "Share of all cores that is busy.",
  },
  memoryUsage: { name: "system.memory.usage", unit: "By", help: "Main memory in use." },
  memoryLimit: { name: "system.memory.limit", unit: "By", help: "Main memory of the host." },
  loadAverage: {
    name: "millwright.system.load.1m",
    unit: "1",
    help: "Processes that run or want to, averaged over a minute.",
  },
  filesystemUsage: {
    name: "system.filesystem.usage",
    unit: "By",
    help: "Disk in use under the state folder.",
  },
  filesystemLimit: {
    name: "system.filesystem.limit",
    unit: "By",
    help: "Size of the disk under the state folder.",
  },
  networkIo: {
    name: "system.network.io",
    unit: "By",
    help: "Bytes through all interfaces but loopback, since the start.",
  },
  diskIo: {
    name: "system.disk.io",
    unit: "By",
    help: "Bytes read from or written to disks, since the start.",
  },
  gpuUtilization: {
    name: "hw.gpu.utilization",
    unit: "1",
    help: "Share of time in which the GPU worked.",
  },
  gpuMemoryUsage: { name: "hw.gpu.memory.usage", unit: "By", help: "GPU memory in use." },
  gpuMemoryLimit: { name: "hw.gpu.memory.limit", unit: "By", help: "Memory of the GPU." },
  temperature: { name: "hw.temperature", unit: "Cel", help: "Temperature of a part." },
  power: { name: "hw.power", unit: "W", help: "Power drawn." },
  processMemory: {
    name: "process.memory.usage",
    unit: "By",
    help: "Resident memory of the agent's main process.",
  },
  requests: {
    name: "millwright.gateway.requests",
    unit: "{request}",
    help: "Requests answered since the start.",
  },
  requestsInFlight: {
    name: "millwright.gateway.requests.active",
    unit: "{request}",
    help: "Requests being answered.",
  },
  requestsFailed: {
    name: "millwright.gateway.requests.failed",
    unit: "{request}",
    help: "Requests that ended in an error of ours.",
  },
  inputTokens: {
    name: "millwright.gateway.tokens.input",
    unit: "{token}",
    help: "Prompt tokens read since the start.",
  },
  outputTokens: {
    name: "millwright.gateway.tokens.output",
    unit: "{token}",
    help: "Tokens written since the start.",
  },
} as const;

export type Metric = (typeof metrics)[keyof typeof metrics];

/** As Prometheus writes it: dots become underscores. */
export function prometheusName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}
