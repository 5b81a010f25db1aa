/** Answers to the one request of the agent's for the adapter that a new plan wants. */
import type { ServerResponse } from "node:http";
import { hexOf } from "@millwright/schema";
import type { Hooks } from "./evil-hub.ts";
import { adapter } from "./models-kit.ts";

export const subject = `${adapter.name} from hub:`;
/** A plan that people signed has been accepted, and part of a model may be there: that is no attack. */
export const changes: readonly string[] = [
  "trust/trust.json",
  `blobs/sha256/${hexOf(adapter.digest)}.partial`,
  `blobs/sha256/${hexOf(adapter.digest)}.partial.state`,
];

export function adapterHook(answer: (response: ServerResponse) => void): Hooks {
  return {
    http({ url }, response) {
      if (url?.endsWith(hexOf(adapter.digest)) !== true) return false;
      answer(response);
      return true;
    },
  };
}
