/** Three numbers with dots, as releases of the agent are counted. */
export const VERSION_PATTERN = "^(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})$";
const pattern = new RegExp(VERSION_PATTERN);

export function isVersion(text: unknown): text is string {
  return typeof text === "string" && pattern.test(text);
}
