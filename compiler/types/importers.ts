import type { Outline } from "./outline.ts";

/** A name in a file. */
export interface Place {
  readonly file: string;
  readonly name: string;
}

/** Where the names of a file are imported, or exported onward, and as what. */
export interface Importers {
  ofFile(file: string): readonly Place[];
  ofName(file: string, name: string): readonly Place[];
}

export function importersOf(outlines: ReadonlyMap<string, Outline>): Importers {
  const byFile = new Map<string, Map<string, Place[]>>();
  for (const [file, { origins }] of outlines)
    for (const [name, froms] of origins)
      for (const origin of froms) {
        const names = byFile.get(origin.file) ?? new Map<string, Place[]>();
        byFile.set(origin.file, names);
        const places = names.get(origin.name) ?? [];
        names.set(origin.name, places);
        places.push({ file, name });
      }
  return {
    ofFile: (file) => [...(byFile.get(file)?.values() ?? [])].flat(),
    ofName: (file, name) => byFile.get(file)?.get(name) ?? [],
  };
}
