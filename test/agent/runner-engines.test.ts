/** The engine for a host's GPUs, fetched by the real npm from a registry on this machine. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { installEngine } from "../../agent/runner/runner.ts";
import { codeOf, never } from "./runner-kit.ts";

const name = "@node-llama-cpp/linux-x64-vulkan";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "mw-engines-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An install with node-llama-cpp of a version, which looks for an engine as the real one does. */
async function install(version: string): Promise<string> {
  const root = await folder();
  const library = join(root, "node_modules", "node-llama-cpp");
  await mkdir(library, { recursive: true });
  await writeFile(join(library, "package.json"), JSON.stringify({ type: "module", version }));
  const look = `export const found = (await import("${name}")).getBinsDir().packageVersion;`;
  await writeFile(join(library, "look.js"), look);
  return root;
}

/** A registry with one package; npm is told to use it. */
async function registry(version: string): Promise<void> {
  const place = await folder();
  await mkdir(join(place, "package"));
  const manifest = { name, version, type: "module", main: "index.js" };
  await writeFile(join(place, "package", "package.json"), JSON.stringify(manifest));
  const code = `export const getBinsDir = () => ({ binsDir: import.meta.dirname, packageVersion: "${version}" });`;
  await writeFile(join(place, "package", "index.js"), code);
  execFileSync("tar", ["-czf", "engine.tgz", "package"], { cwd: place });
  const tarball = await readFile(join(place, "engine.tgz"));

  const server = createServer((request, response) => {
    const address = server.address() as AddressInfo;
    if (request.url === "/engine.tgz") response.end(tarball);
    else if (decodeURIComponent(request.url ?? "") === `/${name}`) {
      const dist = { tarball: `http://127.0.0.1:${address.port}/engine.tgz` };
      const versions = { [version]: { ...manifest, dist } };
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    } else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const settings = {
    npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    npm_config_cache: join(place, "cache"),
  };
  Object.assign(process.env, settings);
  onTestFinished(() => {
    for (const key of Object.keys(settings)) delete process.env[key];
    server.close();
    server.closeAllConnections();
  });
}

/** What the library in an install finds, asked in a process of its own: modules are looked for once. */
function found(root: string): string {
  const path = join(root, "node_modules", "node-llama-cpp", "look.js");
  const code = `console.log((await import(${JSON.stringify(path)})).found)`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

test("an engine comes in the library's own version, and the library finds it wherever the install is moved", async () => {
  await registry("9.9.9");
  const root = await install("9.9.9");
  expect(() => found(root)).toThrow();
  expect(await installEngine("vulkan", root, never)).toEqual([`${name}@9.9.9`]);
  expect(found(root)).toBe("9.9.9");
  // Again, over itself.
  await installEngine("vulkan", root, never);
  const moved = join(await folder(), "elsewhere");
  await rename(root, moved);
  await mkdir(root);
  expect(found(moved)).toBe("9.9.9");
});

test("an engine that npm cannot fetch is a failure with npm's own reason", async () => {
  await registry("9.9.9");
  const root = await install("8.8.8");
  const asked = installEngine("vulkan", root, never);
  await expect(asked).rejects.toThrow(/8\.8\.8.*ETARGET/s);
  expect(await codeOf(asked)).toBe("runner/engine-not-installed");
  expect(() => found(root)).toThrow();
});

test("a folder without the library is refused before anything is fetched", async () => {
  expect(await codeOf(installEngine("cuda", await folder(), never))).toBe("runner/no-engine");
});
