/** What the lockfile says of one package. */
export interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type Lockfile = Readonly<Record<string, Locked>>;

export interface Packaged extends Locked {
  /** Its folder in a checkout: `node_modules/ws`. */
  readonly path: string;
}

const NODE_MODULES = "node_modules/";

/**
 * The packages that the agent needs in production on Linux with such a processor, by the lockfile alone: what is
 * installed here does not matter. Peers are what others bring; none of ours is needed without that. With `names`: only
 * these, where the agent needs them, and what they need themselves.
 */
export function closureOf(
  lockfile: Lockfile,
  cpu: "x64" | "arm64",
  names?: readonly string[],
): readonly Packaged[] {
  const found = new Map<string, Packaged>();
  const visit = (from: string, name: string, isOptional: boolean) => {
    const path = resolve(lockfile, from, name);
    const locked = path === undefined ? undefined : lockfile[path];
    if (path === undefined || locked === undefined) {
      // Left out on purpose, by `overrides`: engines that few hosts need.
      if (isOptional) return;
      throw new Error(`the lockfile does not hold ${name}, which ${from} needs`);
    }
    if (locked.link) {
      dependencies(name.replace("@millwright/", ""));
      return;
    }
    if (found.has(path) || !fits(name, locked, cpu)) return;
    found.set(path, { ...locked, path });
    dependencies(path);
  };
  const dependencies = (path: string, only?: readonly string[]) => {
    const locked = lockfile[path] ?? {};
    const isWanted = (name: string) => only === undefined || only.includes(name);
    for (const name of Object.keys(locked.dependencies ?? {}).filter(isWanted))
      visit(path, name, false);
    for (const name of Object.keys(locked.optionalDependencies ?? {}).filter(isWanted))
      visit(path, name, true);
  };
  dependencies("agent", names);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Where Node finds `name` when the package at `from` asks for it. */
function resolve(lockfile: Lockfile, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const path = `${folder === "" ? "" : `${folder}/`}${NODE_MODULES}${name}`;
    if (path in lockfile) return path;
    if (folder === "") return undefined;
  }
}

function fits(name: string, { os, cpu, libc }: Locked, wanted: "x64" | "arm64"): boolean {
  const allows = (list: string | readonly string[] | undefined, value: string) =>
    list === undefined || [list].flat().includes(value);
  // node-llama-cpp offers its engine for arm64 to x64 as well, for those who pack for others.
  const foreign = wanted === "x64" ? "linux-arm64" : "linux-x64";
  if (name.includes(foreign)) return false;
  return allows(os, "linux") && allows(cpu, wanted) && allows(libc, "glibc");
}
