/**
 * The connection to the hub: OpAMP over one WebSocket, the agent's side.
 *
 * In: what the agent says of itself, and messages of a hub that nobody need trust. Out: reports, custom messages, and
 * deliveries for `offered` to judge.
 * Promise: whatever a hub sends, nothing but `offered` acts on it; offers of keys, endpoints, packages and commands are
 * refused and raise an alarm; it reconnects for ever, spread over time, and never holds up what runs.
 */
export type { LinkRequest } from "./link-request.ts";
export { type Link, linkTo } from "./link-to.ts";
export type { Offered } from "./offers.ts";
export { refusalOf } from "./refusal.ts";
