import type { Host, PlannedHardware } from "@millwright/schema";
import { bytesOf } from "./bytes.ts";

/** What the host is said to have, so that it can say itself what it has not. */
export function hardwareOf({ cores, memory, gpus = [] }: Host): PlannedHardware {
  return {
    ...(cores !== undefined && { cores }),
    memory: bytesOf(memory),
    ...(gpus.length > 0 && {
      gpus: gpus.map(({ model, memory: each, count = 1 }) => ({
        ...{ model, count },
        memory: bytesOf(each),
      })),
    }),
  };
}
