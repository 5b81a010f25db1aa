/** The two forms in which an agent comes to a host: this checkout, and what the package holds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { zstdDecompressSync } from "node:zlib";
import { buildSlot } from "../../../agent/packaging/packaging.ts";

export interface Form {
  readonly name: string;
  readonly node: string;
  /** What comes before the name of the command: the launcher, as systemd starts it. */
  readonly arguments: readonly string[];
}

const checkout = join(import.meta.dirname, "../../..");

export const checkoutForm: Form = {
  name: "checkout",
  node: execPath,
  arguments: [join(checkout, "agent/update/launcher-main.ts")],
};

/** The tree of the package with its own Node, in a folder of its own. */
export async function packagedForm(): Promise<Form & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "mw-packaged-"));
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const { bytes } = await buildSlot(
    { checkout, architecture, seconds: 1_767_225_600, level: 1 },
    new AbortController().signal,
  );
  const tar = spawn("tar", ["-x", "-C", folder], { stdio: ["pipe", "inherit", "inherit"] });
  tar.stdin.end(zstdDecompressSync(bytes));
  const [code] = await once(tar, "exit");
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  return {
    name: "package",
    node: join(folder, "bin/node"),
    arguments: [join(folder, "agent/update/launcher-main.ts")],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
