/** Before there is a world: a host that asks a hub for the root of trust, of which it knows the fingerprint alone. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../agent/cli/cli.ts";
import { fleetOf } from "../agent/trust-kit.ts";

const honest = fleetOf().rootBytes;
const theirs = fleetOf().rootBytes;

/** What `init` says, exit code first, when the hub answers so; and what it leaves on the disk. */
async function initWith(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cwd = mkdtempSync(join(tmpdir(), "mw-attack-"));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(cwd, { recursive: true, force: true });
  });
  const hub = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let said = "";
  const code = await run(
    ["init", "--state", "state", "--hub", hub, "--root-digest", digestOf(honest)],
    {
      out: () => undefined,
      err: (text) => {
        said += text;
      },
      ...{ interactive: false, env: {}, cwd, now: () => 0 },
      signal: new AbortController().signal,
    },
  );
  const left = ["identity", "trust"].flatMap((folder) => readdirSync(join(cwd, "state", folder)));
  return { said: `${code} ${said}`, left };
}

test("a root without an end is not read to its end, and leaves nothing behind", async () => {
  const { said, left } = await initWith((response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(2 ** 16, " ")));
    };
    response.on("drain", more);
    more();
  });
  expect(said).toMatch(/^3 error\[cli\/no-root\]: .*more than 512000 bytes/);
  expect(left).toEqual([]);
});

test("the root of another fleet is refused by its fingerprint, and leaves nothing behind", async () => {
  const { said, left } = await initWith((response) => response.end(theirs));
  expect(said).toMatch(/^3 error\[trust\/other-root\]/);
  expect(left).toEqual([]);
});

test("a hub that hangs up, or leads elsewhere, is a failure that says so, and leaves nothing behind", async () => {
  const cut = await initWith((response) => response.destroy());
  const led = await initWith((response) => {
    response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
  });
  for (const { said, left } of [cut, led]) {
    expect(said).toMatch(/^3 error\[cli\/no-root\]: .*could not be fetched/);
    expect(left).toEqual([]);
  }
});
