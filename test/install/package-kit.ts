/** One package of this checkout, built once a file of tests, quickly. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage, buildSlot } from "../../agent/packaging/packaging.ts";

export const checkout = join(import.meta.dirname, "../..");
export const architecture = process.arch === "arm64" ? "arm64" : "amd64";
const never = new AbortController().signal;

/** `level` 1: the size of the package is not what is tried. */
export function quickPackage(from = checkout, seconds = 1_767_225_600) {
  return buildPackage({ checkout: from, architecture, seconds, level: 1 }, never);
}

/** The archive by which a plan brings the same agent. */
export function quickSlot(from = checkout) {
  return buildSlot({ checkout: from, architecture, seconds: 1_767_225_600, level: 1 }, never);
}

/** An empty system: no more than what dpkg needs to write down what it did. */
export interface Image {
  readonly root: string;
  readonly state: string;
  /** Runs dpkg on it; gives what it said. */
  dpkg(...args: readonly string[]): string;
  remove(): void;
}

export function emptyImage(): Image {
  // Others than root must be able to look in: the agent runs as its own user.
  const root = mkdtempSync(join(tmpdir(), "mw-image-"));
  execFileSync("chmod", ["755", root]);
  for (const folder of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  // There is no libc in the image; its scripts run with the tools of this machine.
  const forces = ["--force-script-chrootless", "--force-depends", "--force-unsafe-io"];
  const options = [`--root=${root}`, ...forces];
  return {
    root,
    state: join(root, "var/lib/millwright"),
    dpkg: (...args) =>
      execFileSync("/usr/bin/dpkg", [...options, ...args], { encoding: "utf8", stdio: "pipe" }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
