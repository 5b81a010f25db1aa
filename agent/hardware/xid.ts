import type { Condition } from "@millwright/schema";

/** What an Xid asks of people. Codes that are in no tier are counted and raise nothing: most are an application's own doing. */
export interface XidTier {
  readonly codes: readonly number[];
  readonly severity: Condition["severity"];
  /** After so long without another one it is over by itself. */
  readonly passesMs?: number;
  readonly cure: string;
}

const HOUR = 3_600_000;

/** By NVIDIA's catalogue of Xid errors: the codes with an action of their own, and no others. */
export const xidTiers = {
  reboot: {
    codes: [79],
    severity: "error",
    cure: "Move its models elsewhere and reboot the host; if it comes again, have the GPU and its slot checked.",
  },
  reset: {
    codes: [64, 95, 119, 120, 140],
    severity: "error",
    cure: "Move its models elsewhere, reset the GPU (nvidia-smi --gpu-reset), and restart the agent; if it comes again, have the GPU checked.",
  },
  nvlink: {
    codes: [74, 144, 145, 146, 147, 148, 149, 150],
    severity: "error",
    cure: "Move models that span GPUs elsewhere, look at nvidia-smi nvlink -e and at the fabric manager, reset all GPUs of the fabric, and restart the agent.",
  },
  application: {
    codes: [13, 31, 94],
    severity: "warning",
    passesMs: HOUR,
    cure: "The process that used the GPU has lost its work, and a runner is started anew by itself. If it comes again with another model, have the GPU checked.",
  },
  /** Told and counted, and nothing else. */
  none: { codes: [43, 63, 92], severity: "info", passesMs: HOUR, cure: "Nothing is to be done." },
} as const satisfies Readonly<Record<string, XidTier>>;

/** What NVIDIA calls them. */
const meanings: Readonly<Record<number, string>> = {
  13: "graphics engine exception",
  31: "GPU memory page fault",
  43: "GPU stopped processing",
  63: "row remapping or page retirement recorded",
  64: "row remapping or page retirement failed to be recorded",
  74: "NVLink error",
  79: "GPU has fallen off the bus",
  92: "high rate of corrected memory errors",
  94: "contained memory error",
  95: "uncontained memory error",
  119: "GSP firmware does not answer",
  120: "GSP firmware error",
  140: "unrecovered memory error",
  144: "NVLink error (SAW)",
  145: "NVLink error (RLW)",
  146: "NVLink error (TLW)",
  147: "NVLink error (TREX)",
  148: "NVLink error (NVLPW)",
  149: "NVLink error (NETIR)",
  150: "NVLink error (MSE)",
};

export function tierOf(code: number): XidTier | undefined {
  const tiers: readonly XidTier[] = Object.values(xidTiers);
  return tiers.find(({ codes }) => codes.includes(code));
}

export function meaningOf(code: number): string | undefined {
  return meanings[code];
}
