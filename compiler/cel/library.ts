import { createRequire } from "node:module";
import { dirname, join } from "node:path";

type Library = typeof import("@bufbuild/cel");

const ours = createRequire(import.meta.url);

/**
 * The parser alone, as it lies beside the library's door: 4 ms, where all of the library with its regular expressions
 * and its messages of protobuf takes 80, longer than checking a small repository.
 */
export function celParser(): Library["parse"] {
  const beside: Pick<Library, "parse"> = ours(
    join(dirname(ours.resolve("@bufbuild/cel")), "parse.js"),
  );
  return beside.parse;
}

/** All of it: for regular expressions, which few policies have. */
export function celLibrary(): Library {
  return ours("@bufbuild/cel");
}
