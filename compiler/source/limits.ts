/** What a repository may hold. More is refused, so that hostile input cannot fill the memory. */
export const limits = {
  /** Bytes of one file of definitions. */
  file: 2 * 1024 ** 2,
  /** Files of definitions. */
  files: 20_000,
  /** Bytes of all of them. */
  total: 200 * 1024 ** 2,
  /** Files and folders below factories/, definitions or not. */
  listed: 200_000,
  /** Bytes of their listing by git. */
  listing: 48 * 1024 ** 2,
} as const;

/** Files that may hold definitions, and the lock. */
export function isRead(path: string): boolean {
  if (!path.startsWith("factories/") || path.endsWith(".d.ts")) return false;
  return /\.(ts|ya?ml)$/.test(path) && !isForTools(path);
}

/** Hidden files and folders, and installed packages: tools leave them anywhere. */
export function isForTools(path: string): boolean {
  return path.split("/").some((part) => part === "node_modules" || part.startsWith("."));
}
