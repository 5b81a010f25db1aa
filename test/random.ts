/** Numbers that look random and are the same each time: a run that fails can be run again. */
export interface Random {
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  /** One of these. */
  of<T>(choices: readonly [T, ...T[]]): T;
}

/** Mulberry32, by T. Ettinger. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    between: (from, to) => from + Math.floor(next() * (to - from)),
    of: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
  };
}
