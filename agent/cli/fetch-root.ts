import { deliveryLimits } from "@millwright/schema";
import { Failure, messageOf } from "../life/life.ts";

const TIMEOUT_MS = 15_000;

/** A root as a hub has it. Nothing of it may be believed before its digest was compared. Throws Failure. */
export async function fetchRoot(url: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!response.ok) throw noRoot(`${url} answered ${response.status}. Is the hub running?`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.length;
      // Endless data: what nobody has signed yet must not fill the memory.
      if (size > deliveryLimits.root)
        throw noRoot(
          `${url} gave more than ${deliveryLimits.root} bytes, and no root has so many.`,
        );
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    // `fetch failed` says nothing; its cause does.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw noRoot(`${url} could not be fetched (${messageOf(cause)}). Is the hub running?`);
  }
}

function noRoot(message: string): Failure {
  return new Failure("cli/no-root", message);
}
