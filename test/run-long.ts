/** `npm run test:long [FILE…]`: the tests in their long form, as `test/long.ts` has it. Nothing else differs. */
import { spawnSync } from "node:child_process";

const { status } = spawnSync("npx", ["vitest", "run", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, MILLWRIGHT_LONG: "1" },
});
process.exitCode = status ?? 1;
