import type { FlowLabel } from "@millwright/schema";
import type { Proved } from "../sovereignty/sovereignty.ts";
import type { LabelChange } from "./comparison.ts";

/** Where other rules hold for data than before. */
export function labelChanges(
  before: Proved["labels"],
  after: Proved["labels"],
): readonly LabelChange[] {
  const places = [...new Set([...before.keys(), ...after.keys()])].sort();
  return places.flatMap((place) => {
    const [was, is] = [before.get(place), after.get(place)];
    return [
      ...changeOf(place, was?.label, is?.label),
      ...changeOf(`${place}, once redacted`, was?.redacted, is?.redacted),
    ];
  });
}

function changeOf(
  place: string,
  before: FlowLabel | undefined,
  after: FlowLabel | undefined,
): readonly LabelChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    { place, ...(before !== undefined && { before }), ...(after !== undefined && { after }) },
  ];
}
