import { createHash } from "node:crypto";
import { compressed } from "./compressed.ts";
import { type Entry, tarOf } from "./tar.ts";

export interface DebRequest {
  /** The fields of `DEBIAN/control`, in order. */
  readonly control: Readonly<Record<string, string>>;
  /** preinst, postinst, prerm, postrm. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  /** The one time of everything in it. */
  readonly seconds: number;
  /** 1 (quick) to 22 (small). */
  readonly level: number;
}

/** A package in the form of deb(5): an archive of ar(5) with three members. */
export function debOf({ control, scripts, entries, seconds, level }: DebRequest): Uint8Array {
  const files = entries.flatMap((entry) => (entry.kind === "file" ? [entry] : []));
  const size = Math.ceil(files.reduce((total, { bytes }) => total + bytes.length, 0) / 1024);
  const { Description, ...rest } = control;
  const fields = { ...rest, "Installed-Size": String(size), Description };
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  const sums = files.map(({ path, bytes }) => `${md5(bytes)}  ${path.slice(2)}\n`);
  const about: Entry[] = [
    { kind: "folder", path: ".", mode: 0o755 },
    { kind: "file", path: "./control", bytes: Buffer.from(text.join("")), mode: 0o644 },
    { kind: "file", path: "./md5sums", bytes: Buffer.from(sums.join("")), mode: 0o644 },
    ...Object.entries(scripts).map(
      ([name, script]): Entry => ({
        ...{ kind: "file", path: `./${name}`, bytes: Buffer.from(script), mode: 0o755 },
      }),
    ),
  ];
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    member("debian-binary", Buffer.from("2.0\n"), seconds),
    member("control.tar.zst", compressed(tarOf(about, seconds), level), seconds),
    member("data.tar.zst", compressed(tarOf(entries, seconds), level), seconds),
  ]);
}

function member(name: string, bytes: Uint8Array, seconds: number): Uint8Array {
  const head = [
    name.padEnd(16),
    String(seconds).padEnd(12),
    "0".padEnd(6),
    "0".padEnd(6),
    "100644".padEnd(8),
    String(bytes.length).padEnd(10),
    "`\n",
  ].join("");
  const odd = bytes.length % 2 === 1 ? [Buffer.from("\n")] : [];
  return Buffer.concat([Buffer.from(head), bytes, ...odd]);
}

/** dpkg's own check for damage, not for attacks. */
function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
