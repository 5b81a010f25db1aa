/** A process that fetches one blob: `store-child.ts STATE ORIGIN HEX SIZE`. Says how far it is; ends when it has it. */
import { digestOfHex } from "@millwright/schema";
import { openState } from "../../agent/disk/disk.ts";
import { conditionsOf, silentJournal, systemClock } from "../../agent/life/life.ts";
import { storeIn } from "../../agent/store/store.ts";

const [folder = "", origin = "", hex = "", size = ""] = process.argv.slice(2);
const digest = digestOfHex(hex);
if (digest === undefined) throw new Error(`${hex} is no digest`);
const store = storeIn({
  state: await openState(folder),
  clock: systemClock,
  journal: silentJournal,
  conditions: conditionsOf(systemClock),
  hub: () => ({ origin, token: async () => "secret" }),
});
const blob = { name: "model", size: Number(size), sources: ["hub:"] };
await store.fetch(
  digest,
  blob,
  (bytes) => process.stdout.write(`${bytes}\n`),
  new AbortController().signal,
);
