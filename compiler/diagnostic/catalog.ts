/** Every code, with what it means. A code is permanent: `stage/what-is-wrong`. */
export const catalog = {
  "check/duplicate-name":
    "Two definitions claim the same name. Rename one: names are global per kind.",
} as const;

export type Code = keyof typeof catalog;
