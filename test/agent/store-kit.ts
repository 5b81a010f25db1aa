/** A store in a temporary folder, and a server of blobs that can be told to misbehave. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "@millwright/schema";
import { onTestFinished } from "vitest";
import { openState, type StateFolder } from "../../agent/disk/disk.ts";
import { type Conditions, conditionsOf, Failure, silentJournal } from "../../agent/life/life.ts";
import { type HubDoor, type Store, type StorePlan, storeIn } from "../../agent/store/store.ts";
import { type LeapingClock, leapingClock } from "./clock-kit.ts";

export interface BlobServer {
  readonly origin: string;
  readonly requests: { readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  /** Absent: it serves its bytes, from where it is asked to. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

export async function serve(bytes: Uint8Array): Promise<BlobServer> {
  const server = createServer((request, response) => {
    made.requests.push({ url: request.url ?? "", headers: request.headers });
    if (made.answer !== undefined) return made.answer(request, response);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": bytes.length - start,
      ...(start > 0 && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(bytes.subarray(start));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("impossible: no port");
  const made: BlobServer = {
    origin: `http://127.0.0.1:${address.port}`,
    requests: [],
    answer: undefined,
  };
  return made;
}

/** Nothing stays that nothing needs. */
export const tidy: StorePlan = { store: { watermarks: { high: 0, low: 0 } } };

export interface StoreKit {
  readonly folder: string;
  readonly state: StateFolder;
  readonly store: Store;
  readonly hub: BlobServer;
  readonly clock: LeapingClock;
  readonly conditions: Conditions;
}

export async function storeKit({
  model = new Uint8Array(),
  plan = () => undefined,
  needed,
  ...rest
}: {
  readonly model?: Uint8Array;
  readonly hub?: HubDoor | undefined;
  readonly plan?: () => StorePlan | undefined;
  readonly needed?: () => ReadonlyMap<Digest, string>;
} = {}): Promise<StoreKit> {
  const folder = await mkdtemp(join(tmpdir(), "mw-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const state = await openState(join(folder, "state"));
  const hub = await serve(model);
  const door: HubDoor | undefined =
    "hub" in rest ? rest.hub : { origin: hub.origin, token: async () => "secret" };
  const clock = leapingClock();
  const conditions = conditionsOf(clock);
  const store = storeIn({
    ...{ state, clock, conditions, plan, journal: silentJournal, hub: () => door },
    ...(needed !== undefined && { needed }),
  });
  return { folder, state, store, hub, clock, conditions };
}

export async function codeOf(
  promise: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string }> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  return { code: error.code, message: error.message };
}
