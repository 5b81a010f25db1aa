import type { ModelFacts } from "./artifact.ts";
import { asCount, type Header } from "./header.ts";
import { recurrentWidth } from "./recurrent.ts";

/** How wide one token gets between two layers: the plain way, or through all experts that it is given to. */
export function widthOf(
  header: Header,
  architecture: string,
): Pick<ModelFacts, "feedForward" | "experts"> {
  const count = (key: string) => header.countOf(`${architecture}.${key}`);
  const plain = widest(header.valueOf(`${architecture}.feed_forward_length`));
  const experts = count("expert_used_count");
  const shared =
    count("expert_shared_feed_forward_length") ??
    (count("expert_feed_forward_length") ?? 0) * (count("expert_shared_count") ?? 0);
  const expert = count("expert_feed_forward_length") ?? plain;
  const routed = (experts ?? 0) * (expert ?? 0) + shared;
  const recurrent = recurrentWidth(header, architecture);
  const feedForward = asCount(Math.max(plain ?? 0, routed, recurrent));
  return {
    ...(feedForward !== undefined && { feedForward }),
    ...(experts !== undefined && { experts }),
  };
}

/** One number for all layers, or one for each. */
function widest(value: unknown): number | undefined {
  const each: readonly unknown[] = Array.isArray(value) ? value : [value];
  return each.reduce<number | undefined>((most, one) => {
    const width = asCount(one);
    return width !== undefined && width > (most ?? 0) ? width : most;
  }, undefined);
}
