/** How long a newcomer waits: from the start of the demo to the first answer, and to its end. */
import { startFleet } from "../e2e/fleet-kit.ts";
import type { Figure } from "./bench.ts";

export async function start(): Promise<readonly Figure[]> {
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 10) / 100;
  await using fleet = await startFleet();
  const running = seconds();
  await fleet.story.askForAnswer();
  const answered = seconds();
  await fleet.story.correct();
  await fleet.story.change();
  return [
    { name: "start: all hosts run revision 1", value: running, unit: "s" },
    { name: "start: first answer", value: answered, unit: "s" },
    { name: "start: all hosts run revision 2, no request dropped", value: seconds(), unit: "s" },
  ];
}
