/**
 * What ran where, when, and who agreed to it: revisions that were signed, joined with what hosts signed of them.
 *
 * In: a repository with the branch `releases`, and receipts as a hub gives them, which nobody need trust. Out: for each
 * host every revision that was meant for it, who wrote and who signed it, from when to when it ran, what is missing and
 * what does not fit.
 * Promise: a receipt counts when the key that its own revision has for the host signed it, and by nothing that a hub
 * says; nothing that does not fit is left out.
 */
export { type AgreedRevision, agreedIn } from "./agreed.ts";
export {
  type AuditReport,
  type AuditWish,
  type Entry,
  type Fault,
  type HostAudit,
  joined,
} from "./joined.ts";
