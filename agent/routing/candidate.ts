/** One of those that may answer a task. */
export interface Candidate {
  readonly kind: "deployment";
  readonly deployment: string;
  /** One of the deployment's adapters, by name; absent: what the deployment itself answers with. */
  readonly adapter?: string;
  /** Only an instance of this host: who asks is another host, and does not want to be sent on. */
  readonly here?: true;
}
