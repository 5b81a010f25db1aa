/**
 * Which paths hold definitions, as `readCommit` and `readFolder` of source have it. A test holds the two against each
 * other, commit by commit.
 */

/** Files that may hold definitions, and the lock. */
export function isRead(path: string): boolean {
  if (!path.startsWith("factories/") || path.endsWith(".d.ts")) return false;
  return /\.(ts|ya?ml)$/.test(path) && !isForTools(path);
}

/** Whether definitions may be missed for what is a link or a submodule. */
export function mayBeMissed(path: string, what: "link" | "submodule"): boolean {
  const mayHold = what === "submodule" || isRead(path) || !/\.\w+$/.test(path);
  return mayHold && !isForTools(path);
}

/** Hidden files and folders, and installed packages: tools leave them anywhere. */
function isForTools(path: string): boolean {
  return path.split("/").some((part) => part === "node_modules" || part.startsWith("."));
}
