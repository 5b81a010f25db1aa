import { createRequire } from "node:module";

/** The CEL library. Loading it takes longer than checking a small repository, so that it waits for the first policy. */
export function celLibrary(): typeof import("@bufbuild/cel") {
  return createRequire(import.meta.url)("@bufbuild/cel");
}
