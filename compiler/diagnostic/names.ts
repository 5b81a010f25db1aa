/** Some names in order, the rest as a number: `a, b and 3 more`. */
export function listed(names: Iterable<string>, most = 8): string {
  const sorted = [...new Set(names)].sort();
  const first = sorted.slice(0, most).map(shown).join(", ");
  return sorted.length > most ? `${first} and ${sorted.length - most} more` : first;
}

/** A text of an author, in one line and not without end. */
export function shown(text: string): string {
  return /^[\w.+-]([\w.+ -]{0,62}[\w.+-])?$/.test(text) ? text : JSON.stringify(text.slice(0, 64));
}
