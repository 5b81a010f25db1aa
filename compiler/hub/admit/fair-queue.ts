/** First come, first served within a key; keys take turns, so that one with a thousand items keeps none of the others waiting. */
export interface FairQueue<T> {
  add(key: string, item: T): void;
  take(): T | undefined;
  /** Takes everything. */
  drain(): readonly T[];
  readonly size: number;
}

export function fairQueue<T>(): FairQueue<T> {
  // A Map keeps the order of insertion: the first key is the one whose turn it is.
  const lines = new Map<string, T[]>();
  let size = 0;
  return {
    add(key, item) {
      size += 1;
      const line = lines.get(key);
      if (line === undefined) lines.set(key, [item]);
      else line.push(item);
    },
    take() {
      for (const [key, line] of lines) {
        const item = line.shift();
        lines.delete(key);
        if (line.length > 0) lines.set(key, line);
        size -= 1;
        return item;
      }
      return undefined;
    },
    drain() {
      const all = [...lines.values()].flat();
      lines.clear();
      size = 0;
      return all;
    },
    get size() {
      return size;
    },
  };
}
