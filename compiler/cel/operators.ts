/** How authors write the operators that the parser gives names to. */
const written: ReadonlyMap<string, string> = new Map([
  ["@in", "in"],
  ["-_", "-"],
  ["!_", "!"],
  ["_[_]", "[…]"],
]);

/** A function as an author writes it; operators without the places of their operands. */
export function shownFunction(name: string): string {
  return written.get(name) ?? (isOperator(name) ? name.slice(1, -1) : `${name}()`);
}

export function isOperator(name: string): boolean {
  return /^[_@!-]/.test(name);
}
