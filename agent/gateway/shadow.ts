import type { Chance, Clock, Journal } from "../life/life.ts";
import { editsBetween, pointOf } from "../routing/routing.ts";
import { EngineError } from "../runner/runner.ts";
import type { Desk } from "./desk.ts";
import type { RouteCounts } from "./route-counts.ts";
import { piecesOf, Transcript } from "./transcript.ts";
import type { Writing } from "./writing.ts";

/** More than so many at a time are passed over: what is tried out must not fill a host. */
const MOST = 8;
/** Characters of two answers that are compared: distances of long texts take their square. */
const COMPARED = 1_500;

/** Asks shadows what callers were answered, after they were, and compares. */
export interface Shadows {
  /** An answer was given. Never waits, and never throws. */
  cast(writing: Writing, deployment: string, given: Transcript, tookMs: number): void;
  /** Returns when none is being asked any more. */
  end(): Promise<void>;
}

export interface ShadowOptions {
  readonly desk: Desk;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly counts: RouteCounts;
}

export function shadowsOf({ desk, clock, chance, journal, counts }: ShadowOptions): Shadows {
  const going = new Set<Promise<void>>();
  const over = new AbortController();

  const compare = async (
    { task, routed, id }: Writing,
    shadow: string,
    deployment: string,
    given: Transcript,
    tookMs: number,
  ): Promise<void> => {
    const route = task.name;
    const at = clock.now();
    const requests = task.requests.map((request) => ({ ...request, confidence: true as const }));
    const ask = desk.spare(
      shadow,
      async (engine, signal) => {
        const transcript = new Transcript();
        for await (const piece of piecesOf(engine, { ...task, requests }, id, chance, signal))
          transcript.take(piece, clock.now());
        return transcript;
      },
      over.signal,
    );
    const said = await ask.catch((error: unknown) => {
      if (error instanceof EngineError) return error;
      throw error;
    });
    if (said === undefined) return counts.shadowed(route, shadow, "busy");
    if (said instanceof EngineError)
      return counts.shadowed(route, shadow, said.code === "cancelled" ? "stopped" : "failed");
    const [was, is] = [textOf(given), textOf(said)];
    const slowerMs = clock.now() - at - tookMs;
    const edits = editsBetween(was.slice(0, COMPARED), is.slice(0, COMPARED));
    const found = { equal: was === is, distance: edits?.editRatio ?? 1, slowerMs };
    counts.shadowed(route, shadow, "compared", found);
    // No word of either answer: a journal is read by more people than the data may be.
    journal("info", {
      ...{ event: "gateway/shadow-compared", id, route, rule: routed.trace.rule },
      ...{ deployment, shadow, ...found, characters: was.length, shadowCharacters: is.length },
      ...(said.confidence !== undefined && { confidence: said.confidence }),
    });
  };

  return {
    cast(writing, deployment, given, tookMs) {
      const { shadow, trace } = writing.routed;
      if (shadow === undefined || shadow.to === deployment || over.signal.aborted) return;
      if (pointOf(`shadow of ${trace.name}`, writing.id) >= shadow.share) return;
      if (going.size >= MOST) return counts.shadowed(trace.name, shadow.to, "busy");
      const compared = compare(writing, shadow.to, deployment, given, tookMs).finally(() => {
        going.delete(compared);
      });
      going.add(compared);
    },
    async end() {
      over.abort();
      await Promise.all(going);
    },
  };
}

function textOf({ choices }: Transcript): string {
  return choices.map(({ text }) => text).join("\n");
}
