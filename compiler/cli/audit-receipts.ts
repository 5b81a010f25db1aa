import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isLoopback, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { Failure } from "../failure.ts";
import type { Terminal } from "./terminal.ts";

export interface Wanted {
  readonly hub: string;
  readonly receipts?: string;
  readonly viewerToken?: string;
}

const Page = Type.Object({
  receipts: Type.Array(Type.Object({ envelope: Type.Unknown() }), { maxItems: 1_000 }),
  next: Type.Optional(Type.String({ maxLength: 100 })),
});
const readPage = readerOf(Page);
const PAGE_MS = 60_000;
/** A hub that never ends its list must not fill the memory: years of a fleet of thousands. */
const MOST = 10_000_000;

/** The envelopes of receipts, from a file or a hub. Nothing about them is proved. Throws a Failure. */
export async function receiptsFrom(
  { hub, receipts, viewerToken }: Wanted,
  { cwd, signal }: Pick<Terminal, "cwd" | "signal">,
): Promise<readonly unknown[]> {
  if (receipts !== undefined) {
    const text = await readFile(resolve(cwd, receipts), "utf8");
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => parseJson(line));
  }
  const origin = originOf(hub);
  const token =
    viewerToken === undefined
      ? undefined
      : (await readFile(resolve(cwd, viewerToken), "utf8")).trim();
  const found: unknown[] = [];
  let after: string | undefined;
  do {
    const url = new URL("/v1/receipts/sealed", origin);
    url.searchParams.set("limit", "1000");
    if (after !== undefined) url.searchParams.set("after", after);
    const page = await pageAt(url, token, signal);
    for (const { envelope } of page.receipts) found.push(envelope);
    // The same page for ever is no next one.
    after = page.next === after ? undefined : page.next;
  } while (after !== undefined && found.length < MOST);
  return found;
}

async function pageAt(url: URL, token: string | undefined, signal: AbortSignal) {
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_MS)]),
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure(
      "cli/no-hub",
      `${url.origin} does not answer (${cause instanceof Error ? cause.message : String(cause)}). Name the hub with --hub, or its receipts with --receipts.`,
      { cause },
    );
  }
  if (answer.status === 401)
    throw new Failure(
      "cli/viewer-token",
      `${url.origin} wants its viewer token: name the file with --viewer-token.`,
    );
  const page = answer.ok ? readPage(await answer.json().catch(() => undefined)) : undefined;
  if (!page?.ok)
    throw new Failure(
      "cli/no-hub",
      `What answers on ${url.origin} (HTTP ${answer.status}) is no hub of this version.`,
    );
  return page.value;
}

function originOf(hub: string): string {
  const url = URL.parse(hub.replace(/^ws/, "http"));
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Failure("cli/bad-hub", `--hub ${hub.slice(0, 100)}: write https://hub.example.org.`);
  // The token would be read along.
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    throw new Failure(
      "cli/bad-hub",
      `--hub ${url.origin}: off this machine a hub is asked by https.`,
    );
  return url.origin;
}
