import { listed, shown } from "../diagnostic/diagnostic.ts";
import type { FlowPlace } from "./graph.ts";
import type { Rule } from "./labels.ts";
import type { Way } from "./way.ts";

/** What is wrong, with both sides of it, and what to do. */
export interface Said {
  readonly fact: string;
  readonly cure: string;
}

/** Says which rule of the first place the last one breaks. */
export function saidOf(rule: Rule, way: Way, withdrawn: ReadonlySet<string>): Said {
  const { source, redacted, places } = way;
  const end = places.at(-1) ?? source;
  const {
    classification,
    residency = [],
    purposes,
    consent = [],
  } = redacted ? source.redacted : source.label;
  const name = shown(source.name);
  const data = redacted ? `${name}, once redacted,` : name;
  const there = whereOf(end);
  const without = withoutOf(end, source.name);
  switch (rule) {
    case "classification":
      return {
        fact: `${data} is ${classification}; ${there} may hold no more than ${end.demand.classification}${keepsOf(end)}`,
        cure:
          end.kind === "feedback"
            ? `name a hub that may hold ${classification} data, ${redacted ? "" : `redact it and say in redacted what it is then, `}or ${without}`
            : `choose hosts that may hold ${classification} data`,
      };
    case "residency": {
      const [region] = end.demand.regions ?? [];
      const allowed = residency.length === 0 ? "nowhere" : `only in ${listed(residency)}`;
      return {
        fact: `${data} may be ${allowed}; ${region === undefined ? `nothing says where ${there} stands` : `${there} is in ${shown(region)}`}${keepsOf(end)}`,
        cure:
          region === undefined
            ? `say in the fleet's hubs where it stands, { url: …, region: … }, or ${without}`
            : `choose a place where the data may be, or ${without}`,
      };
    }
    case "purpose": {
      const [use] = end.demand.purposes?.filter((each) => !purposes.includes(each)) ?? [];
      return {
        fact: `${data} may not be used to ${use}; ${useOf(end)}`,
        cure: `allow it in the purposes of ${name}, or ${without}`,
      };
    }
    case "retention": {
      const keep = end.kind === "feedback" ? end.factory.value.feedback?.keep : undefined;
      const longest = source.dataset?.value.retention;
      return {
        fact: `${data} may be kept for ${longest}; ${useOf(end)} for ${keep}`,
        cure: `write keep: ${JSON.stringify(longest)} or less`,
      };
    }
    case "redaction":
      return {
        fact: `${data} must be redacted before it leaves a host; ${useOf(end)}, as they are`,
        cure: 'write redact: "personal" in the feedback',
      };
    case "consent": {
      return {
        fact: `${data} was given under ${listed(consent.filter((each) => withdrawn.has(each)))}, which the fleet lists as withdrawn; ${useOf(end)}`,
        cure: `${without}; what learned from it must be trained again without it`,
      };
    }
  }
}

function whereOf(place: FlowPlace): string {
  if (place.kind === "instance") return shown(place.host.value.name);
  if (place.kind === "feedback") return place.hub;
  return shown(place.name);
}

function keepsOf(place: FlowPlace): string {
  return place.kind === "feedback"
    ? `, and it keeps feedback of ${shown(place.factory.value.name)}`
    : "";
}

function useOf(place: FlowPlace): string {
  switch (place.kind) {
    case "adapter":
      return `${shown(place.name)} learned from it`;
    case "feedback":
      return `${shown(place.factory.value.name)} keeps samples of work with it`;
    case "instance":
      return `${shown(place.placed.wanted.name)} works with it`;
    default:
      return `${shown(place.name)} works with it`;
  }
}

/** How the data would not come there at all. */
function withoutOf(place: FlowPlace, source: string): string {
  switch (place.kind) {
    case "adapter":
      return `take ${shown(source)} out of its trainedOn`;
    case "feedback":
      return `take feedback out of ${shown(place.factory.value.name)}`;
    default:
      return `take ${shown(source)} out of what is read`;
  }
}
