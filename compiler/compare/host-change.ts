import { type HostName, instancesOf, unacknowledged } from "@millwright/schema";
import type { HostBudget } from "../place/place.ts";
import type { RenderedPlan } from "../render/render.ts";
import { blobsOnlyIn } from "./blob-changes.ts";
import type { HostChange } from "./comparison.ts";
import { instanceChanges } from "./instance-changes.ts";
import { memoryChanges } from "./memory-changes.ts";
import { otherChanges } from "./other-changes.ts";
import { routeChanges } from "./route-changes.ts";

/** A host on one side of a change: its plan, and its memory. */
export interface HostSide {
  readonly rendered: RenderedPlan;
  readonly budget: HostBudget;
}

/** What a change does to one host. One side may be absent, not both. */
export function hostChange(
  host: HostName,
  before: HostSide | undefined,
  after: HostSide | undefined,
): HostChange {
  const [was, is] = [before?.rendered.plan, after?.rendered.plan];
  const instances = instanceChanges(was, is);
  const wanted = is === undefined ? 0 : instancesOf(is).length;
  const isNew = instances.filter(({ change }) => change !== "stop").length;
  return {
    host,
    change: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    ...(before !== undefined && { before: before.rendered.digest }),
    ...(after !== undefined && { after: after.rendered.digest }),
    fetch: blobsOnlyIn(is, was),
    removable: blobsOnlyIn(was, is),
    instances,
    kept: wanted - isNew,
    memory: memoryChanges(before?.budget, after?.budget, instances),
    routes: routeChanges(was, is),
    refused: was === undefined || is === undefined ? [] : unacknowledged(was, is),
    ...(is?.hold !== undefined && { hold: is.hold }),
    others: was === undefined || is === undefined ? [] : otherChanges(was, is),
  };
}
