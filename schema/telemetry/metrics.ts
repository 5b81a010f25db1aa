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
  energy: { name: "hw.energy", unit: "J", help: "Energy used since the driver was loaded." },
  hardwareErrors: {
    name: "hw.errors",
    unit: "{error}",
    help: "Errors of a part, by kind: ECC since the driver was loaded, Xid since the agent's start.",
  },
  hardwareStatus: {
    name: "hw.status",
    unit: "1",
    help: "1 for the state that a part is in: ok, degraded or failed.",
  },
  gpuMemoryBandwidth: {
    name: "millwright.gpu.memory.bandwidth.utilization",
    unit: "1",
    help: "Share of time in which the GPU's memory was read or written.",
  },
  gpuPowerLimit: {
    name: "millwright.gpu.power.limit",
    unit: "W",
    help: "Power at which the GPU slows itself down.",
  },
  gpuClock: { name: "millwright.gpu.clock.frequency", unit: "Hz", help: "Clock of a domain." },
  gpuClockReason: {
    name: "millwright.gpu.clock.event_reason",
    unit: "1",
    help: "1 while the clock is kept down for this reason.",
  },
  gpuRowsRemapped: {
    name: "millwright.gpu.rows_remapped",
    unit: "{row}",
    help: "Rows of memory that spare ones stand for, for good.",
  },
  gpuRowRemapPending: {
    name: "millwright.gpu.row_remap.pending",
    unit: "1",
    help: "1: a row waits for a reset to be remapped.",
  },
  gpuRowRemapFailure: {
    name: "millwright.gpu.row_remap.failure",
    unit: "1",
    help: "1: a row could not be remapped; the GPU is to be exchanged.",
  },
  gpuPagesPending: {
    name: "millwright.gpu.page_retirement.pending",
    unit: "1",
    help: "1: a page of memory waits for a reset to be retired.",
  },
  gpuPcie: {
    name: "millwright.gpu.pcie.throughput",
    unit: "By/s",
    help: "Bytes a second over PCIe, over the last 20 ms.",
  },
  gpuPcieGeneration: {
    name: "millwright.gpu.pcie.link.generation",
    unit: "1",
    help: "PCIe generation at which the GPU's link runs.",
  },
  gpuPcieWidth: {
    name: "millwright.gpu.pcie.link.width",
    unit: "1",
    help: "PCIe lanes over which the GPU's link runs.",
  },
  gpuNvlink: {
    name: "millwright.gpu.nvlink.io",
    unit: "By",
    help: "Bytes over all NVLinks of the GPU.",
  },
  gpuPersistence: {
    name: "millwright.gpu.persistence_mode",
    unit: "1",
    help: "1: the driver stays loaded when nobody uses the GPU.",
  },
  gpuMig: {
    name: "millwright.gpu.mig.mode",
    unit: "1",
    help: "1: the GPU is divided into instances, and tells no utilisation of its own.",
  },
  gpuRecovery: {
    name: "millwright.gpu.recovery_action",
    unit: "1",
    help: "What the driver asks for: 0 nothing, 1 reset, 2 reboot, 3 drain P2P, 4 drain and reset.",
  },
  gpuFabric: {
    name: "millwright.gpu.fabric.state",
    unit: "1",
    help: "Whether NVLink is set up: 1 not started, 2 in progress, 3 completed.",
  },
  gpuProcesses: {
    name: "millwright.gpu.processes",
    unit: "{process}",
    help: "Processes that compute on the GPU.",
  },
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
