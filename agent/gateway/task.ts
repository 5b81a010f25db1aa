import type { Message } from "@millwright/schema";
import type { GenerateRequest } from "../runner/runner.ts";

/** One thing to write, as read from a request of either kind. */
export interface Task {
  /** A deployment or a route. */
  readonly name: string;
  /** One a prompt; each becomes one choice. */
  readonly requests: readonly GenerateRequest[];
  /** The same in the form in which feedback keeps it. */
  readonly input: readonly Message[];
  /** The field that holds the prompt, for errors. */
  readonly param: "messages" | "prompt" | "input";
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly episodeId: string | undefined;
}

export function textMessage(role: string, content: string): Message {
  return { role, parts: [{ type: "text", content }] };
}
