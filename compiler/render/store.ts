import { type Host, type HostPlan, parseBytes } from "@millwright/schema";

/** How the host gets and keeps models, as far as its definition says. */
export function storeOf({ store }: Host): Pick<HostPlan, "store"> {
  if (store === undefined) return {};
  const { mirrors, bandwidth, reserve, watermarks, uploads } = store;
  const most = bandwidth === undefined ? undefined : parsed(bandwidth);
  const said = {
    ...(mirrors !== undefined && { mirrors: [...mirrors] }),
    ...(most !== undefined && { bandwidth: { most: Math.max(1, most) } }),
    ...(reserve !== undefined && { reserve: parsed(reserve) }),
    ...(watermarks !== undefined && { watermarks }),
    ...(uploads !== undefined && { uploads }),
  };
  return Object.keys(said).length === 0 ? {} : { store: said };
}

function parsed(text: number | string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new Error(`impossible: ${text} has passed as a number of bytes`);
  return bytes;
}
