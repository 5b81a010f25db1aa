import type { Socket } from "node:net";
import { joinedText } from "../joined-text.ts";
import { lineOf, type Reply } from "../protocol.ts";

/**
 * Replies of one turn of the event loop go out in one write, and the pieces of an answer as one: the token loop never
 * waits for the socket.
 */
export function outboxOf(socket: Socket): (reply: Reply) => void {
  let waiting: Reply[] = [];
  /** Where among those that wait the text of an answer stands. */
  const texts = new Map<number, number>();
  const send = () => {
    const lines = waiting.map(lineOf).join("");
    waiting = [];
    texts.clear();
    if (!socket.destroyed) socket.write(lines);
  };
  return (reply) => {
    if (waiting.length === 0) setImmediate(send);
    if (reply.kind !== "text") {
      waiting.push(reply);
      return;
    }
    const at = texts.get(reply.id);
    const open = at === undefined ? undefined : waiting[at];
    if (at !== undefined && open?.kind === "text") {
      waiting[at] = joinedText(open, reply);
      return;
    }
    texts.set(reply.id, waiting.push(reply) - 1);
  };
}
