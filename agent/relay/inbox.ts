/** Replies that nobody has read yet. */
export interface Inbox<T> {
  /** `size`: what it takes of the memory, roughly. */
  push(reply: T, size: number): void;
  /** Nothing will come any more. */
  end(why: Error): void;
  /** The next reply. Throws what ended it, once all before that is read. */
  next(): Promise<T>;
}

/** The connection is never paused, since one slow reader would stop all others: so much may wait for one reader. */
const MAX_UNREAD = 16 * 1024 ** 2;

export function inboxOf<T>(): Inbox<T> {
  const waiting: { readonly reply: T; readonly size: number }[] = [];
  let unread = 0;
  let ended: Error | undefined;
  let ring = () => {};
  return {
    push(reply, size) {
      unread += size;
      if (unread > MAX_UNREAD)
        ended ??= new Error(`more than ${MAX_UNREAD} bytes of an answer waited for their reader`);
      else waiting.push({ reply, size });
      ring();
    },
    end(why) {
      ended ??= why;
      ring();
    },
    async next() {
      for (;;) {
        const first = waiting.shift();
        if (first !== undefined) {
          unread -= first.size;
          return first.reply;
        }
        if (ended !== undefined) throw ended;
        await new Promise<void>((resolve) => {
          ring = resolve;
        });
      }
    },
  };
}
