/** A byte-level BPE of pairs and triples of letters: a word of English becomes two or three tokens. */

export interface Vocabulary {
  readonly tokens: readonly string[];
  /** 1: normal, 3: control. */
  readonly types: readonly number[];
  readonly merges: readonly string[];
  /** The first of two control tokens that end an answer or begin a turn: `<|im_end|>`, then `<|im_start|>`. */
  readonly end: number;
}

const letters = [..."etaoinshrdlcumwfgypbvkjxqz"];

export function vocabulary(size: number): Vocabulary {
  const bytes = bytesAsLetters();
  const space = bytes[32] ?? "";
  const merges: string[] = [];
  const made: string[] = [];
  const merge = (left: string, right: string) => {
    if (bytes.length + made.length + 2 >= size) return;
    merges.push(`${left} ${right}`);
    made.push(left + right);
  };
  for (const letter of letters) merge(space, letter);
  const pairs = letters.flatMap((left) => letters.map((right) => [left, right] as const));
  for (const [left, right] of pairs) merge(left, right);
  for (const [left, right] of pairs) merge(space + left, right);
  for (const [left, right] of pairs) for (const last of letters) merge(left + right, last);
  const words = [...bytes, ...made];
  if (words.length !== size - 2) throw new Error(`there are ${words.length} words for ${size}`);
  return {
    tokens: [...words, "<|im_end|>", "<|im_start|>"],
    types: [...words.map(() => 1), 3, 3],
    merges,
    end: size - 2,
  };
}

/** GPT-2's letters for bytes: what is printable stands for itself, the rest for letters from U+0100 on. */
function bytesAsLetters(): readonly string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    if (isPrintable) return String.fromCharCode(byte);
    next += 1;
    return String.fromCharCode(next - 1);
  });
}
