/** Brings an agent into slot b and points to it, as an update does, for as long as it is let live. */
import process from "node:process";
import { prepareSlot } from "../../agent/update/prepare-slot.ts";
import { readPointer, writePointer } from "../../agent/update/slots.ts";

const [state = "", archive = ""] = process.argv.slice(2);
const digest = `sha256:${"d".repeat(64)}` as const;
const version = "0.3.0";
process.stdout.write("begun\n");
await prepareSlot(
  state,
  {
    ...{ slot: "b", version, processor: process.arch, digest: digest as never },
    store: { path: () => archive, fetch: () => Promise.resolve() },
  },
  { name: "agent", size: 0, sources: [] },
  new AbortController().signal,
);
const { current } = await readPointer(state);
await writePointer(state, {
  ...{ current: { slot: "b", version, digest }, previous: current },
  ...{ confirmed: false, starts: 0, failed: null },
});
process.stdout.write("ended\n");
