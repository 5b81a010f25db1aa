import type { Span } from "../diagnostic/diagnostic.ts";
import { type Importers, importersOf } from "./importers.ts";
import type { Outline, Part } from "./outline.ts";
import { byFile, type Stretch, stretchesOf } from "./stretches.ts";

/** Whether a stretch of a file uses a name that stands for something wrong, here or wherever it comes from. */
export type Taint = (file: string, stretch: Stretch) => boolean;

/**
 * Follows what is wrong to where it is used: from a place to the names that stand for it, to the places where these are
 * used, to the files that import them, to the parameters that they are passed for. Everything of a broken file is wrong.
 */
export function taintOf(
  outlines: ReadonlyMap<string, Outline>,
  wrong: readonly Span[],
  broken: ReadonlySet<string>,
): Taint {
  const spread = new Spread(outlines);
  for (const [file, isWrong] of byFile(wrong))
    for (const part of outlines.get(file)?.parts ?? []) if (isWrong(part)) spread.part(file, part);
  for (const file of broken) spread.whole(file);
  const tainted = spread.run();
  const asked = new Map([...tainted].map(([file, uses]) => [file, stretchesOf(uses)]));
  return (file, stretch) => asked.get(file)?.(stretch) ?? false;
}

/** The work still to be done, and what has been seen: each part and each name is followed once. */
class Spread {
  readonly #outlines: ReadonlyMap<string, Outline>;
  readonly #importers: Importers;
  readonly #parts = new Set<Part>();
  readonly #names = new Set<string>();
  readonly #open: { readonly file: string; readonly name: string }[] = [];
  readonly #uses = new Map<string, Stretch[]>();

  constructor(outlines: ReadonlyMap<string, Outline>) {
    this.#outlines = outlines;
    this.#importers = importersOf(outlines);
  }

  /** A part is wrong: so is all around it, and the names that stand for it. */
  part(file: string, part: Part | undefined): void {
    for (let at = part; at !== undefined && !this.#parts.has(at); at = at.around) {
      this.#parts.add(at);
      for (const owner of at.owners) this.#name(file, owner);
      if (at.argumentOf !== undefined) this.#parameters(file, at.argumentOf);
    }
  }

  /** All that a file exports is wrong. */
  whole(file: string): void {
    for (const to of this.#importers.ofFile(file)) this.#name(to.file, to.name);
  }

  /** Follows everything to its end. Gives the places where a name is used that stands for something wrong. */
  run(): ReadonlyMap<string, readonly Stretch[]> {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      const { file, name } = next;
      const outline = this.#outlines.get(file);
      for (const { at, within } of outline?.uses.get(name) ?? []) {
        this.#use(file, { start: at, end: at + name.length });
        this.part(file, within);
      }
      for (const exported of outline?.renamed.get(name) ?? []) this.#name(file, exported);
      for (const to of this.#importers.ofName(file, name)) this.#name(to.file, to.name);
    }
    return this.#uses;
  }

  #name(file: string, name: string): void {
    const key = `${name}\0${file}`;
    if (this.#names.has(key)) return;
    this.#names.add(key);
    this.#open.push({ file, name });
  }

  #use(file: string, stretch: Stretch): void {
    const uses = this.#uses.get(file);
    if (uses === undefined) this.#uses.set(file, [stretch]);
    else uses.push(stretch);
  }

  #parameters(file: string, callee: string): void {
    const origin = this.#outlines.get(file)?.origins.get(callee)?.[0] ?? { file, name: callee };
    for (const parameter of this.#outlines.get(origin.file)?.parameters.get(origin.name) ?? [])
      this.#name(origin.file, parameter);
  }
}
