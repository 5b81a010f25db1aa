/** Characters that are looked at: more of them change nothing. */
const LOOKED_AT = 2_000;

/**
 * The language of a text, in ISO 639-1; empty where it cannot be told: too little text, code, a language beyond the 24
 * that the detector knows. The detector and its 15 MB are loaded when a rule asks for a language, and not before.
 */
export async function languageOf(text: string): Promise<string> {
  const { detect } = await import("tinyld/light");
  return detect(text.slice(0, LOOKED_AT));
}
