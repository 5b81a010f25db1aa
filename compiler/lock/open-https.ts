const MAX_REDIRECTS = 5;

/** Follows redirects by hand: not one of them may leave TLS, where anybody on the way could choose what is locked. */
export async function openHttps(
  source: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let url = new URL(source);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    if (url.protocol !== "https:") throw new Error(`it leads to ${url.protocol}//, not https://`);
    const response = await fetch(url, { signal, redirect: "manual" });
    if (response.ok && response.body !== null) return response.body;
    await response.body?.cancel();
    const next =
      response.status >= 300 && response.status < 400 && response.headers.get("location");
    if (!next) throw new Error(`the server answered ${response.status}`);
    url = new URL(next, url);
  }
  throw new Error(`it was redirected more than ${MAX_REDIRECTS} times`);
}

/** `fetch` says only that it failed; why stands in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
