import type { Host, HostPlan } from "@millwright/schema";
import { bytesOf } from "./bytes.ts";

/** How the host gets and keeps models, as far as its definition says. */
export function storeOf({ store }: Host): Pick<HostPlan, "store"> {
  if (store === undefined) return {};
  const { mirrors, bandwidth, reserve, watermarks, uploads } = store;
  const most = bandwidth === undefined ? undefined : bytesOf(bandwidth);
  const said = {
    ...(mirrors !== undefined && { mirrors: [...mirrors] }),
    ...(most !== undefined && { bandwidth: { most: Math.max(1, most) } }),
    ...(reserve !== undefined && { reserve: bytesOf(reserve) }),
    ...(watermarks !== undefined && { watermarks }),
    ...(uploads !== undefined && { uploads }),
  };
  return Object.keys(said).length === 0 ? {} : { store: said };
}
