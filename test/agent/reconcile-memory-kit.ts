/** Blobs and runners in memory that do what they are told: the second real implementation of what reconcile needs. */
import { type Digest, digestOf } from "@millwright/schema";
import { Failure } from "../../agent/life/life.ts";
import type {
  Blobs,
  CrashReport,
  Instancing,
  QuarantineFiles,
} from "../../agent/reconcile/reconcile.ts";
import { digestOfSpec, type RunnerHandle, type RunnerSpec } from "../../agent/runner/runner.ts";

export interface MemoryBlobs extends Blobs {
  readonly here: Set<Digest>;
  /** What a fetch of a model comes to, by the model's name; absent: it works. */
  readonly trouble: Map<string, Failure>;
  /** Models whose fetch does not end until they are removed from here. */
  readonly slow: Set<string>;
  /** How often each was asked for. */
  readonly asked: Map<string, number>;
}

export function memoryBlobs(): MemoryBlobs {
  const here = new Set<Digest>();
  const trouble = new Map<string, Failure>();
  const slow = new Set<string>();
  const asked = new Map<string, number>();
  return {
    ...{ here, trouble, slow, asked },
    has: async (digest) => here.has(digest),
    path: (digest) => `/blobs/${digest}`,
    async fetch(digest, { name, size }, progress, signal) {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      progress(Math.floor(size / 2));
      while (slow.has(name)) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      const failure = trouble.get(name);
      if (failure !== undefined) throw failure;
      here.add(digest);
    },
    async collect(keep) {
      const gone = [...here].filter((digest) => !keep.has(digest));
      for (const digest of gone) here.delete(digest);
      return gone.length;
    },
  };
}

export interface MemoryCrashes extends QuarantineFiles {
  readonly reports: CrashReport[];
  readonly holding: Map<Digest, Held>;
}

type Held = Parameters<QuarantineFiles["hold"]>[0];

export function memoryCrashes(): MemoryCrashes {
  const reports: CrashReport[] = [];
  const holding = new Map<Digest, Held>();
  return {
    ...{ reports, holding },
    held: async () => [...holding.values()],
    hold: async (held) => void holding.set(held.origin, held),
    release: async (origin) => void holding.delete(origin),
    report: async (report) => void reports.push(report),
    path: (origin) => `/quarantine/${origin}`,
  };
}

export interface MemoryRunner {
  readonly handle: RunnerHandle;
  readonly model: Digest;
  crash(reason?: string): void;
}

export interface MemoryRunners extends Instancing {
  /** The processes that run now. */
  readonly alive: Map<Digest, MemoryRunner>;
  /** Why a model cannot be loaded, by name. */
  readonly unloadable: Map<string, Failure>;
  /** What a model answers, by name; its own name when nothing else is said. `undefined`: it never answers. */
  readonly answers: Map<string, string | undefined>;
  /** Models that end their process when they are asked anything. */
  readonly fragile: Set<string>;
  /** Models that are half loaded until this is resolved, by name. */
  readonly halfLoaded: Map<string, Promise<void>>;
  /** Starts so far, by deployment. */
  readonly starts: Map<string, number>;
  /** Called when a process is told to stop. */
  stopped: (handle: RunnerHandle) => void;
  readonly of: (deployment: string) => readonly MemoryRunner[];
}

export function memoryRunners(names: readonly string[] = []): MemoryRunners {
  const known = new Map(names.map((name) => [digestOf(name), name]));
  const nameOf = (digest: Digest) => known.get(digest) ?? digest;
  const runners: MemoryRunners = {
    alive: new Map(),
    unloadable: new Map(),
    answers: new Map(),
    fragile: new Set(),
    halfLoaded: new Map(),
    starts: new Map(),
    stopped: () => undefined,
    of: (deployment) =>
      [...runners.alive.values()].filter(({ handle }) => handle.spec.deployment === deployment),
    adopt: async () => [...runners.alive.values()].map(({ handle }) => handle),
    async start(spec, signal, progress) {
      signal.throwIfAborted();
      runners.starts.set(spec.deployment, (runners.starts.get(spec.deployment) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
      const whole = runners.halfLoaded.get(nameOf(spec.model.digest));
      if (whole !== undefined) progress(50);
      await whole;
      const failure = runners.unloadable.get(nameOf(spec.model.digest));
      if (failure !== undefined) throw failure;
      if (runners.alive.has(digestOfSpec(spec))) throw new Error("started twice at the same time");
      return launched(spec).handle;
    },
  };
  const launched = (spec: RunnerSpec): MemoryRunner => {
    const digest = digestOfSpec(spec);
    const name = nameOf(spec.model.digest);
    const ended = Promise.withResolvers<{ readonly reason: string }>();
    const end = (reason: string) => {
      runners.alive.delete(digest);
      ended.resolve({ reason });
    };
    const runner: MemoryRunner = {
      model: spec.model.digest,
      crash: (reason = "killed by SIGKILL") => end(reason),
      handle: {
        ...{ spec, digest, pid: 1, gone: ended.promise },
        logTail: async () => [],
        async stop() {
          runners.stopped(runner.handle);
          end("it was stopped");
          // Its end is seen before its folder is tidied up, as with real processes.
          for (let turn = 0; turn < 5; turn += 1)
            await new Promise((resolve) => setImmediate(resolve));
        },
        engine: {
          async *generate(_request, signal) {
            if (runners.fragile.has(name)) {
              end("killed by SIGABRT");
              throw new Failure("engine-lost", "The process ended.");
            }
            const text = runners.answers.has(name) ? runners.answers.get(name) : name;
            if (text === undefined) {
              await new Promise<void>((resolve) =>
                signal.addEventListener("abort", () => resolve()),
              );
              signal.throwIfAborted();
            }
            yield { kind: "text", text: text ?? "" };
          },
          embed: async () => ({ vectors: [], inputTokens: 0 }),
          rerank: async () => ({ scores: [], inputTokens: 0 }),
        },
      },
    };
    runners.alive.set(digest, runner);
    return runner;
  };
  return runners;
}
