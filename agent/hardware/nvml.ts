import koffi from "koffi";

/** Answers for one GPU, by the fields of `nvidia-smi` and as that writes them. */
export interface NvmlDevice {
  read(field: string): string;
}

export interface Nvml {
  devices(): readonly NvmlDevice[];
}

type Call = (...args: readonly unknown[]) => number;

/** nvmlReturn_t, as `nvidia-smi` puts it. */
const faults: Readonly<Record<number, string>> = {
  3: "[Not Supported]",
  4: "[Insufficient Permissions]",
  13: "[Not Supported]",
  15: "[GPU is lost]",
  25: "[Requested functionality has been deprecated]",
};
const ABSENT = "[N/A]";
const SUCCESS = 0;

type Answer = (out: readonly Buffer[]) => string;
type Kind = "device" | "system";

interface Reading {
  readonly call: string;
  readonly of?: Kind;
  /** Numbers before what is written to. */
  readonly say?: readonly number[];
  /** Bytes of each thing that is written to. */
  readonly out: readonly number[];
  /** What must stand there before. */
  readonly fill?: (out: readonly Buffer[]) => void;
  /** Numbers after it. */
  readonly after?: readonly number[];
  readonly answer: Answer;
}

const uint =
  (at: number, offset = 0, factor = 1): Answer =>
  (out) =>
    String((out[at]?.readUInt32LE(offset) ?? 0) * factor);
const long =
  (at: number, offset = 0): Answer =>
  (out) =>
    String(out[at]?.readBigUInt64LE(offset) ?? 0n);
const text =
  (offset = 0, length = 96): Answer =>
  (out) => {
    const bytes = out[0]?.subarray(offset, offset + length) ?? Buffer.alloc(0);
    const end = bytes.indexOf(0);
    return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
  };
const word =
  (words: readonly string[], at = 0, offset = 0): Answer =>
  (out) =>
    words[out[at]?.readUInt8(offset) ?? 0] ?? ABSENT;
const MIB = 1024n ** 2n;
/** nvmlMemory_v2_t: version, total, reserved, free, used. */
const memory = (offset: number): Reading => ({
  ...{ call: "nvmlDeviceGetMemoryInfo_v2", out: [40] },
  fill: ([info]) => info?.writeUInt32LE(40 | (2 << 24), 0),
  answer: ([info]) => String((info?.readBigUInt64LE(offset) ?? 0n) / MIB),
});
/** nvmlFieldValue_t: id, scope, time, latency, type of value, result, value. */
const field = (id: number, scope = 0): Reading => ({
  ...{ call: "nvmlDeviceGetFieldValues", say: [1], out: [40] },
  fill([value]) {
    value?.writeUInt32LE(id, 0);
    value?.writeUInt32LE(scope, 4);
  },
  answer([value]) {
    const result = value?.readUInt32LE(28) ?? SUCCESS;
    if (result !== SUCCESS) return faults[result] ?? ABSENT;
    // NVML_VALUE_TYPE_DOUBLE 0, UNSIGNED_INT 1, UNSIGNED_LONG 2, UNSIGNED_LONG_LONG 3.
    const type = value?.readUInt32LE(24);
    return String(
      type === 0
        ? value?.readDoubleLE(32)
        : type === 1
          ? value?.readUInt32LE(32)
          : value?.readBigUInt64LE(32),
    );
  },
});
const milli = (call: string): Reading => ({ call, out: [4], answer: uint(0, 0, 0.001) });
const plain = (call: string, ...say: readonly number[]): Reading => ({
  ...{ call, say, out: [4] },
  answer: uint(0),
});
const errors = (kind: number): Reading => ({
  ...{ call: "nvmlDeviceGetTotalEccErrors", say: [kind, 0], out: [8] },
  answer: long(0),
});
const rows = (at: number): Reading => ({
  ...{ call: "nvmlDeviceGetRemappedRows", out: [4, 4, 4, 4] },
  answer: uint(at),
});
const rates = (offset: number): Reading => ({
  ...{ call: "nvmlDeviceGetUtilizationRates", out: [8] },
  answer: uint(0, offset),
});
const ALL_LINKS = 0xffffffff;

/** How each field is asked for: the calls are those of the table of GPU metrics. */
export const nvmlReadings: Readonly<Record<string, Reading>> = {
  uuid: { call: "nvmlDeviceGetUUID", out: [96], after: [96], answer: text() },
  name: { call: "nvmlDeviceGetName", out: [96], after: [96], answer: text() },
  driver_version: {
    ...{ call: "nvmlSystemGetDriverVersion", of: "system", out: [96], after: [96] },
    answer: text(),
  },
  /** nvmlPciInfo_t: 16 bytes of the old form, five numbers, then the address. */
  "pci.bus_id": { call: "nvmlDeviceGetPciInfo_v3", out: [68], answer: text(36, 32) },
  "utilization.gpu": rates(0),
  "utilization.memory": rates(4),
  "utilization.encoder": {
    ...{ call: "nvmlDeviceGetEncoderUtilization", out: [4, 4] },
    answer: uint(0),
  },
  "utilization.decoder": {
    ...{ call: "nvmlDeviceGetDecoderUtilization", out: [4, 4] },
    answer: uint(0),
  },
  "memory.total": memory(8),
  "memory.used": memory(32),
  "temperature.gpu": plain("nvmlDeviceGetTemperature", 0),
  "temperature.memory": field(82),
  "power.draw.instant": milli("nvmlDeviceGetPowerUsage"),
  "enforced.power.limit": milli("nvmlDeviceGetEnforcedPowerLimit"),
  "millwright.energy": {
    ...{ call: "nvmlDeviceGetTotalEnergyConsumption", out: [8] },
    answer: ([out]) => String(Number(out?.readBigUInt64LE(0) ?? 0n) / 1000),
  },
  "clocks.current.sm": plain("nvmlDeviceGetClockInfo", 1),
  "clocks.current.memory": plain("nvmlDeviceGetClockInfo", 2),
  "clocks_event_reasons.active": {
    ...{ call: "nvmlDeviceGetCurrentClocksThrottleReasons", out: [8] },
    answer: ([out]) => `0x${(out?.readBigUInt64LE(0) ?? 0n).toString(16).padStart(16, "0")}`,
  },
  "ecc.errors.corrected.volatile.total": errors(0),
  "ecc.errors.uncorrected.volatile.total": errors(1),
  "remapped_rows.correctable": rows(0),
  "remapped_rows.uncorrectable": rows(1),
  "remapped_rows.pending": rows(2),
  "remapped_rows.failure": rows(3),
  "retired_pages.pending": plain("nvmlDeviceGetRetiredPagesPendingStatus"),
  "millwright.pcie.rx": plain("nvmlDeviceGetPcieThroughput", 1),
  "millwright.pcie.tx": plain("nvmlDeviceGetPcieThroughput", 0),
  "pcie.link.gen.gpucurrent": plain("nvmlDeviceGetCurrPcieLinkGeneration"),
  "pcie.link.width.current": plain("nvmlDeviceGetCurrPcieLinkWidth"),
  "millwright.nvlink.rx": field(139, ALL_LINKS),
  "millwright.nvlink.tx": field(138, ALL_LINKS),
  persistence_mode: {
    ...{ call: "nvmlDeviceGetPersistenceMode", out: [4] },
    answer: word(["Disabled", "Enabled"]),
  },
  "mig.mode.current": {
    ...{ call: "nvmlDeviceGetMigMode", out: [4, 4] },
    answer: word(["Disabled", "Enabled"]),
  },
  gpu_recovery_action: field(230),
  /** nvmlGpuFabricInfo_t: 16 bytes of the cluster, a result, the clique, the state. */
  "fabric.state": {
    ...{ call: "nvmlDeviceGetGpuFabricInfo", out: [32] },
    answer: word([ABSENT, "Not Started", "In Progress", "Completed"], 0, 24),
  },
};

/** Loads NVIDIA's library. Throws where it is missing or refuses. What a version does not have is absent, not an error. */
export function openNvml(path: string): Nvml {
  const library = koffi.load(path);
  const calls = new Map<string, Call | undefined>();
  const callOf = (name: string, types: readonly string[]): Call | undefined => {
    if (!calls.has(name)) calls.set(name, symbol(name, types));
    return calls.get(name);
  };
  const symbol = (name: string, types: readonly string[]): Call | undefined => {
    try {
      return library.func(name, "int", [...types]) as Call;
    } catch {
      return undefined;
    }
  };
  const demand = (name: string, types: readonly string[], args: readonly unknown[]) => {
    const result = callOf(name, types)?.(...args);
    if (result !== SUCCESS) throw new Error(`${name}: ${result ?? "is not there"}`);
  };
  demand("nvmlInit_v2", [], []);

  const ask = (reading: Reading, handle: bigint): string => {
    const { call, of = "device", say = [], out, fill, after = [], answer } = reading;
    const buffers = out.map((size) => Buffer.alloc(size));
    fill?.(buffers);
    const first = of === "device" ? [handle] : [];
    const types = [
      ...first.map(() => "uint64_t"),
      ...say.map(() => "uint32_t"),
      ...out.map(() => "void *"),
      ...after.map(() => "uint32_t"),
    ];
    const result = callOf(call, types)?.(...first, ...say, ...buffers, ...after);
    if (result === undefined) return ABSENT;
    return result === SUCCESS ? answer(buffers) : (faults[result] ?? ABSENT);
  };
  return {
    devices() {
      const count = Buffer.alloc(4);
      demand("nvmlDeviceGetCount_v2", ["void *"], [count]);
      return Array.from({ length: Math.min(64, count.readUInt32LE(0)) }, (_, index) => {
        const handle = Buffer.alloc(8);
        demand("nvmlDeviceGetHandleByIndex_v2", ["uint32_t", "void *"], [index, handle]);
        return {
          read(name: string) {
            if (name === "index") return String(index);
            const reading = Object.hasOwn(nvmlReadings, name) ? nvmlReadings[name] : undefined;
            return reading === undefined ? ABSENT : ask(reading, handle.readBigUInt64LE(0));
          },
        };
      });
    },
  };
}
