/**
 * What editors need to complete, explain and check definitions while they are written.
 *
 * In: a repository's folder. Out: JSON Schemas for YAML, a declaration file for TypeScript, and the settings by which an
 * editor finds both. Promise: what is made by us is written anew, what belongs to people is never touched; nothing
 * is fetched, so an editor needs no network and no package.
 */
export { demandPlainFolders, type Laid, layFiles, writeSchemas } from "./files.ts";
export { definitionSchema } from "./json-schemas.ts";
