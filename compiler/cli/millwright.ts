#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import process from "node:process";
import { askSecret } from "./ask-secret.ts";
import { cacheIn } from "./cache-folder.ts";

// What Node makes of our modules it keeps, in a folder of the user: in one of everybody, others could put code.
const cache = cacheIn(process.env, "code");
if (cache !== undefined) enableCompileCache(cache);
const { run } = await import("./cli.ts");

const stop = new AbortController();
let told = 0;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    told += 1;
    // The first asks for an orderly end; a second one means it.
    if (told > 1) process.exit(130);
    stop.abort();
  });
}
// A reader that goes away (`| head`) wants no more: what was begun is ended in order, and no child is left behind.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  stop.abort();
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  ...(process.stdin.isTTY === true && { askSecret }),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  now: () => Date.now(),
});
