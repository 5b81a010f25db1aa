import { readPointer } from "../update/update.ts";
import { type Check, fail, ok, warn } from "./finding.ts";

/** Which version of the agent a start would begin with, and which one did not come up here. */
export const checkSlots: Check = async ({ state }) => {
  const { current, confirmed, starts, failed } = await readPointer(state);
  const runs =
    current === null
      ? "the agent of the package is the one that starts"
      : `agent ${current.version} is the one that starts, from slot ${current.slot}`;
  const found = confirmed
    ? ok(runs)
    : warn(
        `${runs}; it has yet to show that it comes up, and was started ${starts} times for that.`,
        "Wait some minutes; if it does not come up, the one before it takes over by itself.",
      );
  if (failed === null) return [found];
  const { version, reason } = failed;
  return [
    found,
    fail(
      `Agent ${version} did not come up here: ${reason}.`,
      "Name another version in the fleet's definition, or an archive that was mended; journalctl -u millwright-agent says more.",
    ),
  ];
};
