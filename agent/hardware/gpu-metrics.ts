import { type Metric, metrics } from "@millwright/schema";

/** How one thing that is measured of a GPU is named, and where each maker's driver tells it. */
export interface GpuMetric {
  readonly metric: Metric;
  readonly attributes?: Readonly<Record<string, string>>;
  /**
   * The field of `nvidia-smi --query-gpu` and of our NVML probe, which prints the same; other names of it follow.
   * `millwright.` marks what only NVML tells.
   */
  readonly smi?: readonly [string, ...string[]];
  /** The call of NVML behind the field. */
  readonly nvml?: string;
  /**
   * A file of the driver amdgpu below `/sys/class/drm/card*`, the first that is there; `*` stands for a folder's number,
   * and what follows a colon is the word before the number.
   */
  readonly amd?: readonly [string, ...string[]];
  /** From the unit in which the driver counts to ours: first for NVIDIA, then for AMD. */
  readonly factors?: readonly [number, number];
  /** The value is a mask in hexadecimal: this bit is the answer. */
  readonly bit?: number;
  /** The value is one of these words. */
  readonly words?: Readonly<Record<string, number>>;
}

const MIB = 1024 ** 2;
const MHZ = 1e6;
const off = { disabled: 0, enabled: 1 };
const no = { no: 0, yes: 1 };
/** nvmlDeviceGetCurrentClocksEventReasons; drivers before 535 say throttle. */
const reasons = ["clocks_event_reasons.active", "clocks_throttle_reasons.active"] as const;
const reason = (name: string, bit: number) =>
  ({
    metric: metrics.gpuClockReason,
    attributes: { reason: name },
    smi: reasons,
    nvml: "nvmlDeviceGetCurrentClocksThrottleReasons",
    bit,
  }) satisfies GpuMetric;

/**
 * The one table of what is measured of a GPU, by the name under which a sample holds it. Hardware attributes follow the
 * semantic conventions (hw.gpu.*, hw.temperature, hw.errors); what they do not name is ours.
 */
const gpuMetrics = {
  utilization: {
    metric: metrics.gpuUtilization,
    attributes: { "hw.gpu.task": "general" },
    smi: ["utilization.gpu"],
    nvml: "nvmlDeviceGetUtilizationRates",
    amd: ["device/gpu_busy_percent"],
    factors: [0.01, 0.01],
  },
  encoder: {
    metric: metrics.gpuUtilization,
    attributes: { "hw.gpu.task": "encoder" },
    smi: ["utilization.encoder"],
    nvml: "nvmlDeviceGetEncoderUtilization",
    factors: [0.01, 1],
  },
  decoder: {
    metric: metrics.gpuUtilization,
    attributes: { "hw.gpu.task": "decoder" },
    smi: ["utilization.decoder"],
    nvml: "nvmlDeviceGetDecoderUtilization",
    factors: [0.01, 1],
  },
  bandwidth: {
    metric: metrics.gpuMemoryBandwidth,
    smi: ["utilization.memory"],
    nvml: "nvmlDeviceGetUtilizationRates",
    amd: ["device/mem_busy_percent"],
    factors: [0.01, 0.01],
  },
  memoryUsed: {
    metric: metrics.gpuMemoryUsage,
    smi: ["memory.used"],
    nvml: "nvmlDeviceGetMemoryInfo_v2",
    amd: ["device/mem_info_vram_used"],
    factors: [MIB, 1],
  },
  memoryTotal: {
    metric: metrics.gpuMemoryLimit,
    smi: ["memory.total"],
    nvml: "nvmlDeviceGetMemoryInfo_v2",
    amd: ["device/mem_info_vram_total"],
    factors: [MIB, 1],
  },
  temperature: {
    metric: metrics.temperature,
    attributes: { "hw.sensor_location": "die" },
    smi: ["temperature.gpu"],
    nvml: "nvmlDeviceGetTemperature",
    amd: ["device/hwmon/hwmon*/temp1_input", "device/hwmon/hwmon*/temp2_input"],
    factors: [1, 0.001],
  },
  memoryTemperature: {
    metric: metrics.temperature,
    attributes: { "hw.sensor_location": "memory" },
    smi: ["temperature.memory"],
    nvml: "nvmlDeviceGetFieldValues(82)",
    amd: ["device/hwmon/hwmon*/temp3_input"],
    factors: [1, 0.001],
  },
  power: {
    metric: metrics.power,
    smi: ["power.draw.instant", "power.draw"],
    nvml: "nvmlDeviceGetPowerUsage",
    amd: ["device/hwmon/hwmon*/power1_average", "device/hwmon/hwmon*/power1_input"],
    factors: [1, 1e-6],
  },
  powerLimit: {
    metric: metrics.gpuPowerLimit,
    smi: ["enforced.power.limit", "power.limit"],
    nvml: "nvmlDeviceGetEnforcedPowerLimit",
    amd: ["device/hwmon/hwmon*/power1_cap"],
    factors: [1, 1e-6],
  },
  energy: {
    metric: metrics.energy,
    smi: ["millwright.energy"],
    nvml: "nvmlDeviceGetTotalEnergyConsumption",
  },
  clock: {
    metric: metrics.gpuClock,
    attributes: { clock: "sm" },
    smi: ["clocks.current.sm", "clocks.sm"],
    nvml: "nvmlDeviceGetClockInfo(1)",
    amd: ["device/hwmon/hwmon*/freq1_input"],
    factors: [MHZ, 1],
  },
  memoryClock: {
    metric: metrics.gpuClock,
    attributes: { clock: "memory" },
    smi: ["clocks.current.memory", "clocks.mem"],
    nvml: "nvmlDeviceGetClockInfo(2)",
    amd: ["device/hwmon/hwmon*/freq2_input"],
    factors: [MHZ, 1],
  },
  powerCapped: reason("sw_power_cap", 0x4),
  slowed: reason("hw_slowdown", 0x8),
  softHot: reason("sw_thermal_slowdown", 0x20),
  hot: reason("hw_thermal_slowdown", 0x40),
  braked: reason("hw_power_brake_slowdown", 0x80),
  corrected: {
    metric: metrics.hardwareErrors,
    attributes: { "error.type": "corrected" },
    smi: ["ecc.errors.corrected.volatile.total"],
    nvml: "nvmlDeviceGetTotalEccErrors(0, 0)",
    amd: ["device/ras/umc_err_count:ce"],
  },
  uncorrected: {
    metric: metrics.hardwareErrors,
    attributes: { "error.type": "uncorrected" },
    smi: ["ecc.errors.uncorrected.volatile.total"],
    nvml: "nvmlDeviceGetTotalEccErrors(1, 0)",
    amd: ["device/ras/umc_err_count:ue"],
  },
  rowsCorrected: {
    metric: metrics.gpuRowsRemapped,
    attributes: { cause: "correctable" },
    smi: ["remapped_rows.correctable"],
    nvml: "nvmlDeviceGetRemappedRows",
  },
  rowsUncorrected: {
    metric: metrics.gpuRowsRemapped,
    attributes: { cause: "uncorrectable" },
    smi: ["remapped_rows.uncorrectable"],
    nvml: "nvmlDeviceGetRemappedRows",
  },
  rowsPending: {
    metric: metrics.gpuRowRemapPending,
    smi: ["remapped_rows.pending"],
    nvml: "nvmlDeviceGetRemappedRows",
    words: no,
  },
  rowsFailed: {
    metric: metrics.gpuRowRemapFailure,
    smi: ["remapped_rows.failure"],
    nvml: "nvmlDeviceGetRemappedRows",
    words: no,
  },
  /** Before Ampere: pages instead of rows. */
  pagesPending: {
    metric: metrics.gpuPagesPending,
    smi: ["retired_pages.pending"],
    nvml: "nvmlDeviceGetRetiredPagesPendingStatus",
    words: no,
  },
  pcieReceived: {
    metric: metrics.gpuPcie,
    attributes: { "network.io.direction": "receive" },
    smi: ["millwright.pcie.rx"],
    nvml: "nvmlDeviceGetPcieThroughput(1)",
    factors: [1000, 1],
  },
  pcieSent: {
    metric: metrics.gpuPcie,
    attributes: { "network.io.direction": "transmit" },
    smi: ["millwright.pcie.tx"],
    nvml: "nvmlDeviceGetPcieThroughput(0)",
    factors: [1000, 1],
  },
  pcieGeneration: {
    metric: metrics.gpuPcieGeneration,
    smi: ["pcie.link.gen.gpucurrent", "pcie.link.gen.current"],
    nvml: "nvmlDeviceGetCurrPcieLinkGeneration",
  },
  pcieWidth: {
    metric: metrics.gpuPcieWidth,
    smi: ["pcie.link.width.current"],
    nvml: "nvmlDeviceGetCurrPcieLinkWidth",
    amd: ["device/current_link_width"],
  },
  nvlinkReceived: {
    metric: metrics.gpuNvlink,
    attributes: { "network.io.direction": "receive" },
    smi: ["millwright.nvlink.rx"],
    nvml: "nvmlDeviceGetFieldValues(139)",
    factors: [1024, 1],
  },
  nvlinkSent: {
    metric: metrics.gpuNvlink,
    attributes: { "network.io.direction": "transmit" },
    smi: ["millwright.nvlink.tx"],
    nvml: "nvmlDeviceGetFieldValues(138)",
    factors: [1024, 1],
  },
  persistence: {
    metric: metrics.gpuPersistence,
    smi: ["persistence_mode"],
    nvml: "nvmlDeviceGetPersistenceMode",
    words: off,
  },
  mig: {
    metric: metrics.gpuMig,
    smi: ["mig.mode.current"],
    nvml: "nvmlDeviceGetMigMode",
    words: off,
  },
  recovery: {
    metric: metrics.gpuRecovery,
    smi: ["gpu_recovery_action"],
    nvml: "nvmlDeviceGetFieldValues(230)",
    words: {
      ...{ none: 0, reset: 1, "gpu reset": 1, reboot: 2, "node reboot": 2 },
      ...{ "drain p2p": 3, "drain and reset": 4 },
    },
  },
  fabric: {
    metric: metrics.gpuFabric,
    smi: ["fabric.state"],
    nvml: "nvmlDeviceGetGpuFabricInfo",
    words: { "not started": 1, "in progress": 2, completed: 3 },
  },
} as const satisfies Readonly<Record<string, GpuMetric>>;

export type GpuKey = keyof typeof gpuMetrics;

export const gpuKeys = Object.keys(gpuMetrics) as readonly GpuKey[];

export const gpuTable: Readonly<Record<GpuKey, GpuMetric>> = gpuMetrics;
