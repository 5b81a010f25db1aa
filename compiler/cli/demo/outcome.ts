/** What came of the story: the JSON that `npm start -- --once --json` prints. */
export interface DemoResult {
  readonly revision: number;
  readonly root: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly plan: string;
    readonly state: string;
    readonly models: readonly string[];
  }[];
  readonly answer: string;
  readonly feedbackReceived: number;
  readonly movedTo: number;
  readonly droppedRequests: number;
}
