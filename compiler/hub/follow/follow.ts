/**
 * Follows the branch `releases` of a repository.
 *
 * In: a repository, the online key, a pinned root or the first one seen. Out: the newest revision that verified, with
 * fresh snapshot and timestamp; the files of each host; models that lie in the repository.
 * Promise: a revision that does not verify is never offered, and the reason is told; the last good one stays, over
 * restarts and without the network; timestamps never go back.
 */
export { type Blobs, blobsIn } from "./blobs.ts";
export { type Following, follower, type Trouble } from "./follower.ts";
export { openMirror, withoutCredentials } from "./mirror.ts";
export { deliveryOf, enrolledBy, type Offer, offerHash, plannedBlob } from "./offer.ts";
