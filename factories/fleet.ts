import { fleet } from "@millwright/schema";

export const acme = fleet({
  name: "acme",
  // On one machine, as `npm start` runs it. Elsewhere: ["wss://hub.acme.example"].
  hubs: ["ws://127.0.0.1:7420"],
  regions: { eu: ["de", "fr", "nl"] },
  // Every model and adapter says its licence, and it is one of these.
  licences: ["Apache-2.0", "MIT"],
  // Hosts take no new plan while a window is open. None here: `npm start` moves the fleet on any day.
  //
  // freeze: {
  //   "quarter-end": { starts: "0 18 28 3,6,9,12 *", lasts: "3d", timezone: "Europe/Berlin" },
  // },
  telemetry: { every: "2s" },
});
