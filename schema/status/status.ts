/**
 * What a host says of itself: status, conditions, receipts.
 *
 * In: nothing but what the agent observed. Out: the shapes that the hub stores and `millwright-agent status` prints.
 * Promise: desired, attempted and running are three facts; none is inferred from another.
 */
export { AgentStatus, type DeploymentStatus } from "./agent-status.ts";
export { Condition } from "./condition.ts";
export { RECEIPT_TYPE, Receipt } from "./receipt.ts";
