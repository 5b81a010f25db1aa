import type { Clock, Conditions } from "../life/life.ts";
import { ailmentCodes, ailmentsOf, nameOf } from "./gpu-health.ts";
import type { GpuSample } from "./gpu-sample.ts";

/** The newest sample of each GPU, and the conditions that follow from it. */
export interface GpuWatch {
  heard(sample: GpuSample): void;
  /** GPUs that one of the others has outlived by so long have been lost. */
  dropSilent(patienceMs: number): void;
  /** Nothing is known any more. */
  forget(): void;
  samples(): readonly GpuSample[];
}

const LOST = "hardware/gpu-lost";

export function gpuWatch(clock: Clock, conditions: Conditions): GpuWatch {
  const newest = new Map<string, { readonly sample: GpuSample; readonly at: number }>();
  /** Since when something has been so, by GPU and code. */
  const since = new Map<string, number>();

  const judge = (sample: GpuSample) => {
    const subject = sample.uuid;
    const held = new Set<string>();
    for (const { code, severity, message, lastsMs = 0 } of ailmentsOf(sample)) {
      const key = `${subject} ${code}`;
      held.add(code);
      const start = since.get(key) ?? clock.now();
      since.set(key, start);
      if (clock.now() - start >= lastsMs) conditions.raise({ code, severity, subject, message });
    }
    for (const code of ailmentCodes)
      if (!held.has(code)) {
        since.delete(`${subject} ${code}`);
        conditions.clear(code, subject);
      }
  };

  return {
    heard(sample) {
      newest.set(sample.uuid, { sample, at: clock.now() });
      conditions.clear(LOST, sample.uuid);
      judge(sample);
    },
    dropSilent(patienceMs) {
      const latest = Math.max(...[...newest.values()].map(({ at }) => at));
      for (const [uuid, { sample, at }] of newest) {
        if (latest - at <= patienceMs) continue;
        newest.delete(uuid);
        conditions.raise({
          ...{ code: LOST, severity: "error", subject: uuid },
          message: `${nameOf(sample)} is no longer reported. Look at dmesg for Xid lines; it may need a reset or the host a reboot.`,
        });
      }
    },
    forget: () => newest.clear(),
    samples: () =>
      [...newest.values()]
        .map(({ sample }) => sample)
        .sort((a, b) => a.index - b.index || (a.uuid < b.uuid ? -1 : 1)),
  };
}
