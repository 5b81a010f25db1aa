/**
 * The proof that data is only where it may be.
 *
 * In: a certificate, as a compiler made it. Out: what is wrong with it.
 * Promise: pure; the checker needs nothing but the certificate and the plan that carries it, ends after one pass, and
 * shares no code with whoever made it.
 */
export {
  Certificate,
  FlowDemand,
  type FlowGraph,
  FlowLabel,
  FlowNode,
  flowKinds,
  graphDigest,
} from "./certificate.ts";
export { certificateFaults } from "./certificate-faults.ts";
export { SOVEREIGNTY_RULES } from "./rules.ts";
