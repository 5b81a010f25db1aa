/**
 * Tasks that another host answers.
 *
 * In: a plan that names neighbours. Out: instances of theirs, leased as if they were here. Promise: whoever answers has
 * proved by TLS that it holds the key which the plan names, before it is told anything, and so has whoever asks; a
 * neighbour that does not answer is skipped within a second, and asked again later each time; what was taken is given
 * back. Nothing is passed on twice: a neighbour answers itself or not at all.
 */
export { type Far, type Relay, relayOf } from "./far.ts";
export type { Take } from "./line.ts";
export { hostAndPort, keyOfPeer, tlsOf } from "./tls.ts";
export { lineOf, linesOf, type Question, type Reply, readQuestion } from "./wire.ts";
