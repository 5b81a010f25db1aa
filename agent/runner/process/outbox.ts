import type { Socket } from "node:net";
import { lineOf, type Reply } from "../protocol.ts";

/**
 * Replies of one turn of the event loop go out in one write, and the pieces of an answer as one: the token loop never
 * waits for the socket.
 */
export function outboxOf(socket: Socket): (reply: Reply) => void {
  let waiting: Reply[] = [];
  const texts = new Map<number, { readonly kind: "text"; readonly id: number; text: string }>();
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
    const open = texts.get(reply.id);
    if (open !== undefined) {
      open.text += reply.text;
      return;
    }
    const piece = { ...reply };
    texts.set(reply.id, piece);
    waiting.push(piece);
  };
}
