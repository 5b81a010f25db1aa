import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { firstError, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { Failure } from "../life/life.ts";
import { nodeOptions } from "./launched.ts";
import { refusal } from "./read-tar.ts";
import { parts } from "./slot-files.ts";
import { SlotManifest } from "./slot-manifest.ts";

const run = promisify(execFile);
const readManifest = readerOf(SlotManifest);
const readAnswer = readerOf(Type.Object({ version: Type.String() }));

const LIMIT_MS = 120_000;
const MAX_WORDS = 1_500;

/** Whether what lies in a slot is the agent that was asked for, and runs on this host. Throws Failure when not. */
export async function proveSlot(
  folder: string,
  wanted: { readonly version: string; readonly processor: string },
  signal: AbortSignal,
): Promise<void> {
  const text = await readFile(join(folder, parts.manifest), "utf8").catch(() => "");
  const manifest = readManifest(parseJson(text));
  if (!manifest.ok) throw refusal(`${parts.manifest} ${firstError(manifest.errors)}`);
  const { version, processor } = manifest.value;
  if (version !== wanted.version || processor !== wanted.processor)
    throw refusal(
      `it holds agent ${version} for ${processor}, not ${wanted.version} for ${wanted.processor}`,
    );
  const answer = readAnswer(parseJson(await selfCheck(folder, signal)));
  if (!answer.ok || answer.value.version !== version)
    throw refusal(`its agent does not say that it is ${version}`);
}

/** What the new agent says of itself, in a process of its own: it has loaded all that it is made of. */
async function selfCheck(folder: string, signal: AbortSignal): Promise<string> {
  const args = [...nodeOptions, join(folder, parts.main), "self-check", "--json"];
  const { PATH, HOME } = process.env;
  try {
    const { stdout } = await run(join(folder, parts.node), args, {
      ...{ cwd: folder, signal, timeout: LIMIT_MS, killSignal: "SIGKILL" },
      // The agent's own environment may hold secrets, and names sockets that are not for it.
      env: { PATH, HOME },
    });
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    const {
      killed,
      code,
      stderr = "",
    } = cause as { killed?: boolean; code?: unknown; stderr?: string };
    const said = stderr.trim().slice(-MAX_WORDS);
    // Too slow now is not too slow for ever.
    if (killed === true)
      throw new Failure("update/slow", `its agent did not answer within ${LIMIT_MS / 1000} s`, {
        cause,
      });
    const noexec =
      code === "EACCES" ? ` Nothing may be run from ${folder}: mount it without noexec.` : "";
    throw new Failure(
      "update/does-not-run",
      `its agent does not run on this host (${String(code)})${said === "" ? "" : `: ${said}`}.${noexec}`,
      { cause },
    );
  }
}
