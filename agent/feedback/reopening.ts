import { type Clock, type Conditions, Failure, isWorldly, messageOf } from "../life/life.ts";
import type { Feedback } from "./feedback.ts";

const CODE = "feedback/cannot-open";
const AGAIN_MS = 30_000;

/**
 * Opens, or tries again until it opens. Until then nothing is kept, and what people say is refused, so that they know.
 * Throws our own errors, and none of the world's.
 */
export async function reopening(
  open: () => Promise<Feedback>,
  { clock, conditions }: { readonly clock: Clock; readonly conditions: Conditions },
): Promise<Feedback> {
  let opened: Feedback | undefined;
  const tryOpen = async () => {
    try {
      opened = await open();
      conditions.clear(CODE);
    } catch (error) {
      if (!isWorldly(error)) throw error;
      const message = `No feedback is kept, and what waits for the hub stays where it is: ${messageOf(error)} It is tried again by itself.`;
      conditions.raise({ code: CODE, severity: "error", message });
    }
    return opened;
  };
  await tryOpen();
  return {
    recorder: {
      interaction: (seen) => opened?.recorder.interaction(seen),
      opinion: async (said) =>
        (await opened?.recorder.opinion(said)) ?? { ok: false, why: "cannot-keep" },
    },
    outbox: {
      async put(occurrence) {
        if (opened === undefined)
          throw new Failure(CODE, "The outbox of receipts cannot be opened.");
        await opened.outbox.put(occurrence);
      },
    },
    async upload(signal) {
      while (opened === undefined && !signal.aborted) {
        await clock.sleep(AGAIN_MS, signal);
        if (!signal.aborted) await tryOpen();
      }
      await opened?.upload(signal);
    },
    [Symbol.asyncDispose]: async () => opened?.[Symbol.asyncDispose](),
  };
}
