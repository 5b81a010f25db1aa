#!/usr/bin/env node
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import type { Launched } from "../update/update.ts";

// It waits more than it computes: without optimising compilers, and with small spaces, it takes 45 MB less. Set here, so
// that a Node of tomorrow that no longer knows one of them only says so; hence the import after it, not above.
for (const flag of ["--optimize-for-size", "--no-opt", "--no-maglev"]) setFlagsFromString(flag);
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

let next: Launched | undefined;
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  now: () => Date.now(),
  relaunch: (by) => {
    next = by;
  },
});
if (next !== undefined) {
  const { relaunch } = await import("../update/update.ts");
  relaunch(next);
}
// What hangs in the kernel (a dead disk, a wedged driver) cannot be called off: it must not hold a command that is done.
setTimeout(() => process.exit(), 2_000).unref();
