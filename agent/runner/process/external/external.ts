import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemClock } from "../../../life/life.ts";
import { PROGRAM } from "../../protocol.ts";
import type { Open } from "../backend.ts";
import { apiAt } from "./api.ts";
import { engineAt } from "./engine-at.ts";
import { startEngine } from "./engine-process.ts";
import { freePort, isHeldBy } from "./port.ts";
import { whenReady, whenSilent } from "./probe.ts";

/**
 * An external engine: a program of the plan that holds the model and speaks OpenAI's HTTP API on a loopback port.
 * It lives and dies with this process; its words are this process's log.
 */
export const openExternal: Open = async (spec, { said, signal }) => {
  const { engine } = spec;
  if (engine === undefined) throw new Error("impossible: no external engine is planned");
  // Others on this host could ask the engine, past the gateway's keys and counts: only this process knows the word.
  const key = randomBytes(24).toString("base64url");
  const port = await freePort();
  const program = readFileSync(PROGRAM, "utf8").trim();
  const hidden = (line: string) => said(line.replaceAll(key, "…"));
  const running = startEngine({ spec, engine, program, port, key, said: hidden });
  try {
    const api = apiAt(port, key, systemClock);
    const { probe } = engine;
    await Promise.race([whenReady(api, probe, systemClock, signal), running.ended]);
    signal.throwIfAborted();
    // Confusion: the port was free when it was chosen. Whoever answers there now would be told every prompt.
    if (!isHeldBy(port, running.pid))
      throw new Error(`Another program than the engine answers on port ${port}.`);
    const watched = new AbortController();
    const silent = whenSilent(api, probe, systemClock, watched.signal);
    return {
      ...engineAt(api, spec),
      lost: Promise.race([running.ended, silent]).catch((reason: Error) => reason),
      async dispose() {
        watched.abort();
        await running.stop(systemClock);
      },
    };
  } catch (error) {
    await running.stop(systemClock);
    throw error;
  }
};
