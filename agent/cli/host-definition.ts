import type { Inventory } from "@millwright/schema";

interface Said {
  readonly name: string;
  readonly key: string;
  readonly site: string;
  readonly region: string;
}

const GIB = 1024 ** 3;
/** What is left to the system and the agent itself. */
const RESERVED = 2 * GIB;

/** The `host({...})` that enrols this machine, filled with what was found on it. */
export function hostDefinition(said: Said, found: Inventory): string {
  const memory = found.memory?.bytes ?? 0;
  const forModels = Math.max(1, Math.floor((memory - RESERVED) / GIB));
  const cores = found.cpu?.physicalCores ?? found.cpu?.cores ?? 1;
  const gpus = gpuLines(found);
  const fields = [
    ["name", said.name],
    ["key", said.key],
    ["site", said.site],
    ["region", said.region],
  ].map(([field, value]) => `  ${field}: ${JSON.stringify(value)},\n`);
  return `import { host } from "@millwright/schema";

export const ${variableOf(said.name)} = host({
${fields.join("")}  cores: ${cores},
  memory: "${forModels}GiB",
${gpus}});
`;
}

/** GPUs of the same make in one line. */
function gpuLines({ gpus = [] }: Inventory): string {
  const groups = new Map<string, { model: string; memory: number; count: number }>();
  for (const { model, memory } of gpus) {
    if (memory === undefined) continue;
    const key = `${model} ${memory}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { model, memory, count: 1 });
    else group.count += 1;
  }
  if (groups.size === 0) return "";
  const lines = [...groups.values()].map(
    ({ model, memory, count }) =>
      `    { model: ${JSON.stringify(model)}, memory: "${Math.floor(memory / 1024 ** 2)}MiB", count: ${count} },\n`,
  );
  return `  gpus: [\n${lines.join("")}  ],\n`;
}

/** `fra-1` → `fra1`; a name that begins with a digit gets a letter before it. */
function variableOf(name: string): string {
  const words = name.replaceAll(/-+([a-z0-9])/g, (_, first: string) => first.toUpperCase());
  return /^[a-z]/.test(words) ? words : `host${words}`;
}
