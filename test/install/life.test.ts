/** A package on a host: laid by dpkg, enrolled with a real hub, serving with its own Node, and taken away. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../compiler/cli/cli.ts";
import { childrenIn } from "../../compiler/cli/demo/children.ts";
import { hubAt, until } from "../../compiler/cli/demo/hub-view.ts";
import { commit, edit } from "../../compiler/cli/demo/repository.ts";
import { Story } from "../../compiler/cli/demo/story.ts";
import { checkout, emptyImage, quickPackage } from "./package-kit.ts";

const asked = promisify(execFile);
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "mw-life-"));
const image = emptyImage();
const packed = join(folder, "agent.deb");
const launcher = join(image.root, "usr/bin/millwright-agent");
/** As systemd runs it: without a path to any other Node, and as its own user. */
const env = { PATH: "/usr/bin:/bin" };

let story: Story;
let children: Awaited<ReturnType<typeof childrenIn>>;

beforeAll(async () => {
  const built = quickPackage();
  children = await childrenIn(folder);
  story = new Story({
    ...{ folder, checkout, children, millwright: run, usualPorts: false },
    terminal: {
      ...{ out: () => undefined, err: () => undefined, interactive: false },
      ...{ env: process.env, cwd: folder, signal: never, now: () => Date.now() },
    },
  });
  await story.makeRepository();
  await story.makeTrust();
  writeFileSync(packed, (await built).bytes);
}, 180_000);

afterAll(async () => {
  await children[Symbol.asyncDispose]();
  image.remove();
  rmSync(folder, { recursive: true, force: true });
});

const userOf = () => {
  const passwd = readFileSync(join(image.root, "etc/passwd"), "utf8");
  return Number(/^millwright:[^:]*:(\d+)/m.exec(passwd)?.[1]);
};

test("a package is installed, enrols, serves with its own Node as its own user, and leaves the identity alone", async () => {
  image.dpkg("--install", packed);
  const uid = userOf();
  expect(statSync(image.state)).toMatchObject({ uid, gid: uid });
  expect(statSync(image.state).mode & 0o777).toBe(0o700);

  // The root of trust as an operator copies it to the host.
  const root = join(image.root, "root.json");
  copyFileSync(join(story.keys, "root.json"), root);
  chownSync(root, uid, uid);
  chmodSync(root, 0o400);
  const user = { uid, gid: uid, env };
  const hub = story.hubUrl.replace("http", "ws");
  const init = ["init", "--state", image.state, "--name", "fra-1", "--hub", hub, "--root", root];
  const { stdout } = await asked(launcher, [...init, "--json"], user);
  const { key } = JSON.parse(stdout) as { key: string };
  await edit(story.repository, "hosts/frankfurt.ts", /(name: "fra-1",\s+key: ")[^"]+/, `$1${key}`);
  await commit(story.repository, "Enrol fra-1");
  await story.release();
  await story.startHub();

  // As its unit starts it.
  const lib = join(image.root, "usr/lib/millwright");
  const agent = spawn(
    join(lib, "bin/node"),
    [
      join(lib, "agent/update/launcher-main.ts"),
      ...["run", "--state", image.state, "--local", "127.0.0.1:0", "--stop-models"],
    ],
    { ...user, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [agent.stdout, agent.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const ended = once(agent, "exit");
  try {
    const revision = await until("fra-1 serves", 40_000, never, async () => {
      const hosts = await hubAt(story.hubUrl).hosts();
      const host = hosts.find(({ name, connected }) => name === "fra-1" && connected);
      return host?.status?.running?.revision;
    });
    expect(revision).toBe(1);
    const node = join(image.root, "usr/lib/millwright/bin/node");
    expect(readFileSync(`/proc/${agent.pid}/cmdline`, "utf8").split("\0")[0]).toBe(node);
    // What a doctor finds of a host that is well.
    const { stdout: found } = await asked(
      launcher,
      ["doctor", "--json", "--state", image.state],
      user,
    );
    const { findings } = JSON.parse(found) as { findings: { status: string; message: string }[] };
    expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
    expect(findings.map(({ message }) => message)).toContain(`${hub} answers, and knows fra-1`);
  } catch (error) {
    throw new Error(`the installed agent said:\n${said.slice(-3000)}`, { cause: error });
  } finally {
    agent.kill("SIGTERM");
    await ended;
  }

  // What a plan brought goes with the package.
  mkdirSync(join(image.state, "slots/a/agent"), { recursive: true });
  writeFileSync(join(image.state, "slots/a/agent/agent.ts"), "");
  const identity = readFileSync(join(image.state, "identity/key.pem"), "utf8");
  image.dpkg("--remove", "millwright-agent");
  const kept = readdirSync(image.state, { recursive: true, encoding: "utf8" }).sort();
  expect(kept.filter((name) => name.includes("/"))).toEqual([
    "identity/identity.json",
    "identity/instance",
    "identity/key.pem",
    "identity/state.json",
    "outbox/head.json",
    "trust/trust.json",
  ]);
  expect(readFileSync(join(image.state, "identity/key.pem"), "utf8")).toBe(identity);
  expect(namesLeft()).toEqual(["etc", "root.json", "var/lib/dpkg", "var/lib/millwright"]);

  image.dpkg("--purge", "millwright-agent");
  expect(existsSync(image.state)).toBe(false);
}, 90_000);

/** What the image holds beside the bookkeeping of its users and of dpkg. */
function namesLeft(): readonly string[] {
  const tops = readdirSync(image.root).filter((name) => name !== "var");
  const libs = readdirSync(join(image.root, "var/lib")).map((name) => `var/lib/${name}`);
  return [...tops, ...libs].sort();
}
