import { access } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../life/life.ts";
import { fieldsKnownBy, type GpuSample, sampleReader } from "./gpu-sample.ts";
import { outputOf } from "./output.ts";

/** A process that prints a line for each GPU, again and again. */
export interface GpuSource {
  /** What people know it by. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** The samples that a line makes whole. */
  read(line: string): readonly GpuSample[];
}

export type Found =
  | { readonly kind: "source"; readonly source: GpuSource }
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly name: string; readonly reason: string };

/** Takes the arguments of `nvidia-smi`. */
export interface Asker {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

const HELP_MS = 10_000;

/** How NVIDIA's GPUs can be asked here: only for fields that this driver knows. */
export async function nvidiaSource(
  asker: Asker,
  everyMs: number,
  signal: AbortSignal,
): Promise<Found> {
  const { name, command } = asker;
  try {
    const args = [...asker.arguments, "--help-query-gpu"];
    const help = await outputOf(command, args, HELP_MS, signal);
    const fields = fieldsKnownBy((field) => help.includes(`"${field}"`));
    if (fields === undefined)
      return { kind: "broken", name, reason: "it does not know the fields index and uuid" };
    const read = sampleReader(fields);
    const source: GpuSource = {
      ...{ name, command },
      arguments: [
        ...asker.arguments,
        `--query-gpu=${fields.join(",")}`,
        "--format=csv,noheader,nounits",
        ...["-lms", String(everyMs)],
      ],
      // Events of the driver are printed between the samples.
      read: (line) => {
        const sample = read(line);
        return sample === undefined ? [] : [sample];
      },
    };
    return { kind: "source", source };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing || signal.aborted) return { kind: "none" };
    return { kind: "broken", name, reason: messageOf(error) };
  }
}

const folders = [
  ...["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"],
  ...["/usr/local/nvidia/lib64", "/run/opengl-driver/lib", "/usr/lib/wsl/lib"],
];

/**
 * NVIDIA's library, asked by a process of our own; `undefined` where there is none. It is never loaded here: a call into
 * a driver that hangs does not return, and cannot be called off.
 */
export async function nvmlAsker(library?: string): Promise<Asker | undefined> {
  const all = library === undefined ? folders.map((each) => join(each, NVML)) : [library];
  for (const path of all) {
    if (!(await isThere(path))) continue;
    const main = join(import.meta.dirname, "nvml-main.ts");
    return { name: "NVML", command: process.execPath, arguments: [main, `--library=${path}`] };
  }
  return undefined;
}

const NVML = "libnvidia-ml.so.1";

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
