/** Whether a host name or address is this machine's own: as `URL` writes it (`[::1]`), or bare (`::1`). */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host === "::1" ||
    host === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
