import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** A loopback port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("impossible: a TCP server listens on no port");
  server.close();
  await once(server, "close");
  return address.port;
}

/** TCP_LISTEN of the kernel's net/tcp_states.h. */
const LISTENS = "0A";

/** Whether what listens on the port is a process that works in this folder, as all do that the engine started, or the engine itself. */
export function isHeldBy(port: number, pid: number): boolean {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listenersIn(table, port)),
  );
  const here = process.cwd();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => Number(name) === pid || linkOf(`/proc/${name}/cwd`) === here)
    .some((name) =>
      namesIn(`/proc/${name}/fd`).some((file) => {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${name}/fd/${file}`) ?? "")?.[1];
        return inode !== undefined && inodes.has(inode);
      }),
    );
}

/** proc_net(5): the local address ends in the port, in hex; the fourth field is the state, the tenth the inode. */
function listenersIn(table: string, port: number): readonly string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return textOf(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(end) && fields[3] === LISTENS)
    .flatMap((fields) => fields[9] ?? []);
}

// What is gone, or another user's, is not ours: that is an answer.
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
