import { type KeyObject, sign } from "node:crypto";
import {
  type HostName,
  preAuthEncoding,
  SEGMENT_TYPE,
  SIGNATURE_HEADER,
  segmentPath,
} from "@millwright/schema";
import type { Source } from "./parcel.ts";
import type { Spool } from "./spool/spool.ts";

/** The segments of the spool, each signed by the host. Ed25519 signs the same bytes in the same way every time. */
export function segmentsOf(
  spool: Spool,
  { host, key }: { readonly host: HostName; readonly key: KeyObject },
): Source {
  return {
    async next() {
      const segment = await spool.next();
      if (segment === undefined) return undefined;
      const { epoch, first, last, body } = segment;
      const signature = sign(null, preAuthEncoding(SEGMENT_TYPE, body), key).toString("base64");
      return {
        name: `feedback ${first}-${last}`,
        method: "PUT",
        path: segmentPath(host, epoch, first, last),
        headers: { "content-type": SEGMENT_TYPE, [SIGNATURE_HEADER]: signature },
        body: Uint8Array.from(body),
        receipt: last,
        done: () => spool.committed(segment),
        setAside: () => spool.refused(segment),
      };
    },
    waiting() {
      const { samples, bytes } = spool.backlog();
      return samples === 0 ? undefined : `${samples} samples of feedback (${bytes} bytes)`;
    },
  };
}
