import { once } from "node:events";
import { createServer } from "node:net";

/** The preferred port of loopback when it is free, else any free one. */
export async function freePort(preferred: number): Promise<number> {
  return (await portIfFree(preferred)) ?? (await portIfFree(0)) ?? preferred;
}

async function portIfFree(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : undefined;
  } catch {
    // Taken: the caller asks for another.
    return undefined;
  } finally {
    await new Promise((done) => server.close(done));
  }
}
