import { host } from "@millwright/schema";

export const zrh1 = host({
  name: "zrh-1",
  key: "ed25519:piN21czUu75516Z1CzioEYIxm0WnF749Bd6GZXTuKco",
  site: "zrh",
  region: "ch",
  cores: 1,
  memory: "2GiB",
  gateway: { listen: "127.0.0.1:7450" },
});
