import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { Failure } from "../failure.ts";

/** The native `tsc` that is installed with us, started without a Node around it. */
export interface Tsc {
  readonly executable: string;
  readonly version: string;
  /** The folder of its `lib.*.d.ts`. */
  readonly libraries: string;
}

/** Throws Failure when the package for this machine is not installed. */
export function findTsc(): Tsc {
  try {
    const ours = createRequire(import.meta.url);
    const theirs = createRequire(ours.resolve("typescript"));
    const manifest = theirs.resolve(`@typescript/typescript-${platform}-${arch}/package.json`);
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
    const libraries = join(dirname(manifest), "lib");
    const executable = join(libraries, platform === "win32" ? "tsc.exe" : "tsc");
    return { executable, version, libraries };
  } catch (cause) {
    throw new Failure(
      "types/no-tsc",
      `The type checker for ${platform} ${arch} is not installed. Run npm install, or leave type errors out with --no-types.`,
      { cause },
    );
  }
}

/** What JavaScript brings: one library and all that it is made of, as one file. */
export function libraryText({ libraries }: Tsc, name: string): string {
  const seen = new Set<string>();
  const read = (wanted: string): string => {
    if (seen.has(wanted)) return "";
    seen.add(wanted);
    const text = readFileSync(join(libraries, `lib.${wanted}.d.ts`), "utf8");
    return text.replace(/^\/\/\/ <reference lib="([^"]+)" \/>$/gm, (_, part: string) => read(part));
  };
  return read(name);
}
