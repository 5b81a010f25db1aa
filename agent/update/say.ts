/** What the agent says of its own version; one at a time. */
export const updateCodes = [
  "update/failed",
  "update/delayed",
  "update/waiting",
  "update/by-hand",
  "update/package-newer",
  "update/no-archive",
] as const;
export type UpdateCode = (typeof updateCodes)[number];

export function sayOf(code: UpdateCode): { readonly severity: "info" | "warning" | "error" } {
  switch (code) {
    case "update/failed":
    case "update/no-archive":
      return { severity: "error" };
    case "update/delayed":
    case "update/by-hand":
      return { severity: "warning" };
    case "update/waiting":
    case "update/package-newer":
      return { severity: "info" };
  }
}
