import type { Clock, Conditions, Journal, Service } from "../life/life.ts";
import { nameOf } from "./gpu-health.ts";
import type { GpuSample } from "./gpu-sample.ts";
import { type KernelEvent, kernelEventOf } from "./kernel-line.ts";
import { openKernelLog } from "./kernel-log.ts";
import { meaningOf, tierOf } from "./xid.ts";

/** Errors of one kind, of one part, since the agent's start. */
export interface ErrorCount {
  /** The GPU's UUID; where none is known, its place on the bus. */
  readonly id: string;
  readonly type: "gpu" | "network";
  /** `xid.79`, `sxid.12028`. */
  readonly error: string;
  readonly count: number;
}

export interface KernelWatch {
  readonly service: Service;
  errors(): readonly ErrorCount[];
}

export interface KernelWatchOptions {
  readonly gpus: () => readonly GpuSample[];
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
  /** /dev/kmsg when absent. */
  readonly path?: string;
  readonly everyMs?: number;
}

const XID = "hardware/xid";
const OOM = "hardware/oom-kill";
const OFF_BUS = "hardware/gpu-off-bus";
const UNREADABLE = "hardware/kernel-log-unreadable";
const HOUR = 3_600_000;
const MOST_KINDS = 500;
/** GPUs are known by the driver's first sample. */
const FIRST_LOOK_MS = 30_000;

/** Listens to the kernel for what drivers do not tell, or tell no more: Xids, lost GPUs, processes killed for memory. */
export function kernelWatch(options: KernelWatchOptions): KernelWatch {
  const { gpus, clock, conditions, journal, path, everyMs } = options;
  const counts = new Map<string, ErrorCount>();
  /** Conditions that pass by themselves. */
  const passing = new Map<
    string,
    { readonly code: string; readonly subject: string; readonly at: number }
  >();
  /** Where GPUs were: one that has fallen off the bus is in no sample any more. */
  const known = new Map<string, GpuSample>();

  const whose = (pci: string) => {
    for (const gpu of gpus()) if (gpu.pci !== undefined) known.set(gpu.pci, gpu);
    const gpu = known.get(pci);
    return { id: gpu?.uuid ?? pci, name: gpu === undefined ? `GPU at ${pci}` : nameOf(gpu) };
  };
  const count = (id: string, type: ErrorCount["type"], error: string) => {
    const key = `${id} ${error}`;
    const before = counts.get(key)?.count ?? 0;
    if (before === 0 && counts.size >= MOST_KINDS) return;
    counts.set(key, { id, type, error, count: before + 1 });
  };
  const raise = (
    code: string,
    severity: "info" | "warning" | "error",
    subject: string,
    message: string,
    passesMs?: number,
  ) => {
    conditions.raise({ code, severity, subject, message });
    const key = `${code} ${subject}`;
    if (passesMs === undefined) passing.delete(key);
    else passing.set(key, { code, subject, at: clock.now() + passesMs });
  };
  const tidy = () => {
    for (const [key, { code, subject, at }] of passing)
      if (clock.now() >= at) {
        passing.delete(key);
        conditions.clear(code, subject);
      }
  };

  const hear = (event: KernelEvent) => {
    if (event.kind === "oom") {
      const { process } = event;
      journal("warn", { event: OOM, process });
      raise(
        OOM,
        "warning",
        process,
        `The kernel has killed ${process} because memory ran out. If it was a model, its factory promises less than it takes: see millwright check, and the host's memory in its definition.`,
        HOUR,
      );
      return;
    }
    const { id, name } = whose(event.pci);
    if (event.kind === "off-bus") {
      journal("error", { event: OFF_BUS, gpu: id });
      raise(
        OFF_BUS,
        "error",
        id,
        `${name} has fallen off the bus. Move its models elsewhere and reboot the host; if it comes again, have the GPU and its slot checked.`,
      );
      return;
    }
    if (event.kind === "sxid") {
      const { pci, code, isFatal } = event;
      journal("warn", { event: "hardware/sxid", switch: pci, code });
      count(pci, "network", `sxid.${code}`);
      if (isFatal)
        raise(
          "hardware/sxid",
          "error",
          `${pci} ${code}`,
          `The NVSwitch at ${pci} tells of SXid ${code}, which is fatal. Move models that span GPUs elsewhere, and reset all GPUs and switches of the fabric or reboot the host.`,
        );
      return;
    }
    const { code } = event;
    journal("warn", { event: XID, gpu: id, code });
    count(id, "gpu", `xid.${code}`);
    const tier = tierOf(code);
    if (tier === undefined || tier.severity === "info") return;
    const times = counts.get(`${id} xid.${code}`)?.count ?? 1;
    raise(
      XID,
      tier.severity,
      `${id} ${code}`,
      `${name} tells of Xid ${code} (${meaningOf(code)}), ${times === 1 ? "once" : `${times} times`} since the agent's start. ${tier.cure}`,
      tier.passesMs,
    );
  };

  return {
    errors: () => [...counts.values()],
    async service(signal) {
      const opened = await openKernelLog(path, clock, everyMs);
      if (opened.kind === "open") {
        const follow = opened.log.follow((record) => {
          const event = kernelEventOf(record);
          if (event !== undefined) hear(event);
        }, signal);
        const tidying = (async () => {
          while (!signal.aborted) {
            await clock.sleep(60_000, signal);
            tidy();
          }
        })();
        await Promise.all([follow, tidying]);
        return;
      }
      // Without GPUs nobody misses it.
      if (opened.kind === "refused") {
        await clock.sleep(FIRST_LOOK_MS, signal);
        if (!signal.aborted && gpus().length > 0)
          conditions.raise({
            ...{ code: UNREADABLE, severity: "info" },
            message: `The kernel's log cannot be read (${opened.reason}), so Xid errors are not seen. Run millwright-agent install, whose unit has CAP_SYSLOG.`,
          });
      }
      while (!signal.aborted) await clock.sleep(2 ** 31 - 1, signal);
    },
  };
}
