/** One of those that may answer a task. */
export interface Candidate {
  readonly kind: "deployment";
  readonly deployment: string;
  /** One of the deployment's adapters, by name; absent: what the deployment itself answers with. */
  readonly adapter?: string;
}
