/** What to do about an error of tsc, by its number; and by what it says, where that names the very thing. */
export function cureOf(number: number, text: string): string {
  const [, meant] = /Did you mean (?:to write )?['"]([^'"]+)['"]/.exec(text) ?? [];
  if (meant !== undefined) return `did you mean ${meant}?`;
  const [, missing] =
    /^(?:Property '([^']+)' is missing in type|.*is missing the following properties from type .*: (.+))/m
      .exec(text)
      ?.filter((part) => part !== undefined) ?? [];
  if (missing !== undefined) return `add ${missing}`;
  return cures.get(number) ?? "your editor reports the same here, and may offer to mend it";
}

const value = "give a value of the type that is wanted, or widen the type where it is written";
const absent = "say what is meant when it is not there: with ?. or with ??";
const typed = "write its type: (name: string) => …";
const surplus = "take the property out, or add it to the type";
const count = "give as many arguments as the function takes";

const name = "declare it, import it, or mend its spelling";
const builtIn =
  "definitions have what JavaScript itself brings, nothing of browsers or of Node: they are read, never executed";

const cures: ReadonlyMap<number, string> = new Map([
  [1294, "write it without: objects, consts and functions are enough for definitions"],
  [1360, "satisfies compares with a type: change the value or the type"],
  [1484, "import types with import type"],
  [2300, "give each its own name"],
  [2304, name],
  [2580, builtIn],
  [2581, builtIn],
  [2583, builtIn],
  [2584, builtIn],
  [2591, builtIn],
  [2552, name],
  [2305, "import what the file exports, or export it there"],
  [2322, value],
  [2339, "read a property that the type has, or add it to the type"],
  [2344, "give a type that fulfils the condition"],
  [2345, value],
  [2349, "call a function"],
  [2353, surplus],
  [2365, "compare or add values of the same type"],
  [2367, "compare with a value that can occur here"],
  [2448, "move the declaration up"],
  [2454, "move the declaration up"],
  [2451, "give each its own name"],
  [2532, absent],
  [2554, count],
  [2555, count],
  [2561, surplus],
  [2578, "nothing is wrong in the next line: take the comment away"],
  [2588, "a const cannot change: make a new one"],
  [2540, "it cannot change: make a new object with ... and the changed property"],
  [2769, "compare the arguments with the forms that the function has"],
  [2872, "the condition is always the same: take it away"],
  [7005, typed],
  [7006, typed],
  [7031, typed],
  [7053, "read a key that the type has, or give it an index: Record<string, …>"],
  [18046, "say what it is: compare with typeof before it is used"],
  [18047, absent],
  [18048, absent],
]);
