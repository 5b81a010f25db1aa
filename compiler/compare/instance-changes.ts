import { type HostPlan, instancesOf, type PlannedInstance } from "@millwright/schema";
import type { InstanceChange } from "./comparison.ts";

/** An agent keeps an instance that is equal; one that is not takes the place of the one with its name and number. */
export function instanceChanges(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
): readonly InstanceChange[] {
  const was = byPlace(before);
  const is = byPlace(after);
  const stopped = [...was.values()].filter((each) => !is.has(placeOf(each)));
  return [
    ...[...is.values()].flatMap((each): readonly InstanceChange[] => {
      const { replica } = each;
      const deployment = nameOf(each);
      const former = was.get(placeOf(each));
      if (former === undefined) return [{ deployment, replica, change: "start", why: [] }];
      const why = differingIn(former, each);
      const change = after?.deployments[each.deployment]?.upgrade ?? "beside";
      return why.length === 0 ? [] : [{ deployment, replica, change, why }];
    }),
    ...stopped.map(
      (each): InstanceChange => ({
        ...{ deployment: nameOf(each), replica: each.replica, change: "stop", why: [] },
      }),
    ),
  ];
}

function byPlace(plan: HostPlan | undefined): ReadonlyMap<string, PlannedInstance> {
  const instances = plan === undefined ? [] : instancesOf(plan);
  return new Map(instances.map((each) => [placeOf(each), each]));
}

/** As callers ask for it. */
function nameOf({ deployment, adapterName }: PlannedInstance): string {
  return adapterName === undefined ? deployment : `${deployment}:${adapterName}`;
}

function placeOf({ deployment, replica, adapterName = "" }: PlannedInstance): string {
  return `${deployment} ${replica} ${adapterName}`;
}

function differingIn(one: PlannedInstance, other: PlannedInstance): readonly string[] {
  const others = new Map<string, unknown>(Object.entries(other));
  const ones = new Map<string, unknown>(Object.entries(one));
  return [...new Set([...ones.keys(), ...others.keys()])].filter(
    (key) => JSON.stringify(ones.get(key)) !== JSON.stringify(others.get(key)),
  );
}
