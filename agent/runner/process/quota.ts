import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * How many cores the control groups above this process let it use, at least one; `undefined` where none sets a limit.
 * A thread more than that makes the kernel stop all of them for the rest of each period, in the middle of a batch.
 * `root`: where /proc and /sys are.
 */
export function coresOfQuota(root = "/"): number | undefined {
  const groups = (textOf(join(root, "proc/self/cgroup")) ?? "").split("\n");
  const limits = groups.flatMap((line) => {
    // cgroups(7): hierarchy, controllers, path. Version 2 has the hierarchy 0 and no controllers.
    const [hierarchy, controllers = "", ...path] = line.split(":");
    const group = path.join(":");
    if (hierarchy === "0" && controllers === "") return quotas(root, "sys/fs/cgroup", group, ofMax);
    return controllers.split(",").includes("cpu")
      ? quotas(root, "sys/fs/cgroup/cpu", group, ofPeriod)
      : [];
  });
  return limits.length === 0 ? undefined : Math.max(1, Math.floor(Math.min(...limits)));
}

/** Of a group and all above it: the tightest counts. In a container the mount may begin at the group itself. */
function quotas(
  root: string,
  mount: string,
  group: string,
  read: (folder: string) => number | undefined,
): readonly number[] {
  const limits: number[] = [];
  for (let path = join("/", group); ; path = dirname(path)) {
    const cores = read(join(root, mount, path));
    if (cores !== undefined && cores > 0) limits.push(cores);
    if (path === "/") return limits;
  }
}

/** Version 2, cpu.max: `max 100000` or `150000 100000`. */
function ofMax(folder: string): number | undefined {
  const [quota, period] = (textOf(join(folder, "cpu.max")) ?? "").trim().split(" ").map(Number);
  return shareOf(quota, period);
}

/** Version 1: a quota of -1 is none. */
function ofPeriod(folder: string): number | undefined {
  const [quota, period] = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map((name) =>
    Number(textOf(join(folder, name)) ?? Number.NaN),
  );
  return shareOf(quota, period);
}

function shareOf(quota = Number.NaN, period = Number.NaN): number | undefined {
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** A group without that file sets no limit. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
