/** The same commit gives the same bytes on any machine: processes that differ in all that a machine may differ in. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env, execPath } from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf } from "../bench/compile/repository.ts";

const ORDERS = 4;
const machines = [
  { locale: "C.UTF-8", zone: "UTC", cwd: process.cwd() },
  { locale: "tr_TR.UTF-8", zone: "Asia/Kathmandu", cwd: tmpdir() },
  { locale: "sv_SE.UTF-8", zone: "Pacific/Chatham", cwd: "/" },
  { locale: "de_DE.UTF-8", zone: "America/St_Johns", cwd: homedir() },
  { locale: "ar_EG.UTF-8", zone: "Pacific/Kiritimati", cwd: dirname(execPath) },
] as const;

let folder = "";
let said: readonly Said[] = [];

interface Said {
  readonly results: readonly string[];
  readonly locale: string;
  readonly timeZone: string;
  readonly cwd: string;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-determinism-"));
  const example = join(folder, "example");
  const generated = join(folder, "generated");
  const unsound = join(folder, "unsound");
  await cp("factories", join(example, "factories"), { recursive: true });
  const files = filesOf({ hosts: 60, factories: 12, models: 6, seed: 1 });
  await writeAll(generated, files);
  await writeAll(unsound, new Map([...files, ...slips]));
  for (const half of [machines.slice(0, 3), machines.slice(3)])
    said = [
      ...said,
      ...(await Promise.all(
        half.map((machine, index) =>
          runOn(machine, said.length + index, [example, generated, unsound]),
        ),
      )),
    ];
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Something is wrong in many files at once: in their language, their names, their references. */
const slips: ReadonlyMap<string, string> = new Map([
  ["factories/hosts/host-00000.ts", 'import { nothing } from "../shared.ts";\n'],
  ["factories/hosts/host-00001.ts", "export const broken = ;\n"],
  ["factories/hosts/host-00009.yaml", "kind: hots\nname: host-00009\n"],
  ["factories/hosts/ä.yaml", "kind: model\nname: model-1\nsource: https://a.example/z.gguf\n"],
  ["factories/hosts/z.yaml", "kind: model\nname: model-1\nsource: https://a.example/z.gguf\n"],
  ["factories/hosts/I.yaml", "kind: model\nname: Iı\nsource: ftp://a.example\n"],
]);

test("twenty compilations in other orders, languages, time zones and folders give the same bytes", () => {
  const perFolder = [0, 1, 2].map((index) =>
    said.flatMap(({ results }) => results.slice(index * ORDERS, (index + 1) * ORDERS)),
  );
  for (const results of perFolder) {
    expect(results).toHaveLength(machines.length * ORDERS);
    expect(new Set(results).size).toBe(1);
  }
  expect(perFolder.map(([first]) => first?.split(" ")[0])).toEqual(["ok", "ok", "refused"]);
  expect(Number(perFolder[2]?.[0]?.split(" ")[1])).toBeGreaterThan(5);
});

test("the processes did differ", () => {
  for (const key of ["locale", "timeZone", "cwd"] as const)
    expect(new Set(said.map((each) => each[key])).size).toBe(machines.length);
});

async function writeAll(root: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function runOn(
  { locale, zone, cwd }: (typeof machines)[number],
  index: number,
  folders: readonly string[],
): Promise<Said> {
  const child = join(import.meta.dirname, "determinism-child.ts");
  const { stdout } = await promisify(execFile)(
    execPath,
    [child, String(ORDERS), String(1 + index * ORDERS), ...folders],
    { cwd, env: { ...env, LC_ALL: locale, LANG: locale, TZ: zone } },
  );
  return JSON.parse(stdout) as Said;
}
