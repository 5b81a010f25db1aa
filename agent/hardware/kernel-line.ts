import { busOf } from "./gpu-sample.ts";

/** What a line of the kernel's log tells of the hardware. */
export type KernelEvent =
  | { readonly kind: "xid"; readonly pci: string; readonly code: number }
  /** Of a switch between GPUs. */
  | {
      readonly kind: "sxid";
      readonly pci: string;
      readonly code: number;
      readonly isFatal: boolean;
    }
  | { readonly kind: "off-bus"; readonly pci: string }
  | { readonly kind: "oom"; readonly process: string };

/** Lines that a process has written there begin with a facility of its own: whoever may write could say anything. */
const KERNEL = 0;
const pci = "(?:PCI:)?([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}(?:\\.\\d)?)";
const xid = new RegExp(`NVRM: Xid \\(${pci}\\): (\\d{1,4})\\b`, "i");
const sxid = new RegExp(
  `nvidia-nvswitch\\d*: SXid \\(${pci}\\): (\\d{1,6}), (Fatal|Non-fatal)`,
  "i",
);
/** Some versions say it without an Xid: `NVRM: GPU 0000:61:00.0: GPU has fallen off the bus.` */
const offBus = new RegExp(`NVRM: .*?${pci}.*fallen off the bus`, "i");
const oom = /[Oo]ut of memory: Killed process \d+ \(([^)]{1,64})\)/;

/** Reads one record of /dev/kmsg: `priority,sequence,time,flags;text`. */
export function kernelEventOf(record: string): KernelEvent | undefined {
  const [, priority, text = ""] = /^(\d{1,5}),\d+,\d+,[^;]*;(.*)$/.exec(record) ?? [];
  if (priority === undefined || Number(priority) >> 3 !== KERNEL) return undefined;
  const [, xidAt = "", code] = xid.exec(text) ?? [];
  if (code !== undefined) return { kind: "xid", pci: busOf(xidAt) ?? xidAt, code: Number(code) };
  const [, switchAt = "", switchCode, fatal] = sxid.exec(text) ?? [];
  if (switchCode !== undefined)
    return {
      ...{ kind: "sxid", pci: busOf(switchAt) ?? switchAt, code: Number(switchCode) },
      isFatal: fatal?.toLowerCase() === "fatal",
    };
  const [, lostAt] = offBus.exec(text) ?? [];
  if (lostAt !== undefined) return { kind: "off-bus", pci: busOf(lostAt) ?? lostAt };
  const [, process] = oom.exec(text) ?? [];
  return process === undefined ? undefined : { kind: "oom", process };
}
