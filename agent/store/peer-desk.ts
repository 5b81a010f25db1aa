import type { Digest, HostName, HostPlan } from "@millwright/schema";
import type { Clock, Journal } from "../life/life.ts";
import { peerAdmission } from "./peer-token.ts";
import type { Store } from "./store.ts";

/** How many peers may copy from this host at the same time, unless the plan says otherwise. */
const UPLOADS = 4;

/** A file that a peer may copy. Dispose of it when the peer has it, or is gone. */
export interface Upload extends Disposable {
  readonly ok: true;
  readonly path: string;
  readonly size: number;
}

interface Refused {
  readonly ok: false;
  readonly status: 401 | 404 | 503;
  readonly message: string;
}

/** Where other hosts of the site ask for the models that this host has. */
export interface PeerDesk {
  ask(authorization: string | undefined, digest: Digest): Promise<Upload | Refused>;
}

export interface PeerDeskOptions {
  readonly self: HostName;
  readonly store: Pick<Store, "has" | "path">;
  readonly plan: () => Pick<HostPlan, "blobs" | "store" | "peers"> | undefined;
  readonly clock: Clock;
  readonly journal: Journal;
}

export function peerDesk({ self, store, plan, clock, journal }: PeerDeskOptions): PeerDesk {
  const admit = peerAdmission(self, () => plan()?.peers ?? []);
  let uploads = 0;
  return {
    async ask(authorization, digest) {
      const peer = await admit(authorization, digest, clock.now());
      if (typeof peer === "string") return { ok: false, status: 401, message: peer };
      const size = plan()?.blobs[digest]?.size;
      if (size === undefined || !(await store.has(digest)))
        return { ok: false, status: 404, message: "These bytes are not here." };
      // Load: what this host is for is answering callers.
      if (uploads >= (plan()?.store?.uploads ?? UPLOADS))
        return { ok: false, status: 503, message: "Others copy from this host now." };
      uploads += 1;
      journal("info", { event: "store/upload", peer: peer.host, digest });
      let ended = false;
      return {
        ...{ ok: true, path: store.path(digest), size },
        [Symbol.dispose]() {
          if (!ended) uploads -= 1;
          ended = true;
        },
      };
    },
  };
}
