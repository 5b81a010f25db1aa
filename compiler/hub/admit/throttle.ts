/** Lets through so many a second, and no burst larger than that: handshakes are what many agents cost. */
export interface Throttle {
  admit(now: number): boolean;
}

export function throttle(perSecond: number): Throttle {
  let tokens = perSecond;
  let last = 0;
  return {
    admit(now) {
      tokens = Math.min(perSecond, tokens + (Math.max(0, now - last) / 1000) * perSecond);
      last = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
