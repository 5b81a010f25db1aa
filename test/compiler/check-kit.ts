/** Definition files in a few words, and what check says of them. */
import { check } from "../../compiler/check/check.ts";
import type { Diagnostic, Span } from "../../compiler/diagnostic/diagnostic.ts";
import { evaluated } from "../../compiler/evaluate/evaluate.ts";

export type Files = Readonly<Record<string, string>>;

export const fleet = { "fleet.yaml": "kind: fleet\nname: mills\nhubs: [wss://hub.example.org]\n" };
export const mail = { "mail.yaml": "kind: model\nname: mail\nsource: file:models/mail.gguf\n" };
export const schema =
  'import { adapter, dataset, factory, fleet, host, model } from "@millwright/schema";\n';

/** A host with a key of its own. */
export function host(name: string, fields = "site: fra\nregion: de\n"): string {
  const key = Buffer.from(name.padEnd(32, "-")).toString("base64url").slice(0, 43);
  return `kind: host\nname: ${name}\nkey: ed25519:${key}\nmemory: 2GiB\n${fields}`;
}

/** A factory in YAML. */
export function support(fields: string): string {
  return `kind: factory\nname: support\nowner: us\n${fields}`;
}

/** What evaluation and check say, as `millwright check` has it before anything is placed. */
export function told(files: Files): readonly Diagnostic[] {
  const entries = Object.entries(files).map(
    ([path, text]) => [`factories/${path}`, Buffer.from(text)] as const,
  );
  const { found, ...values } = evaluated({ repository: "test", files: new Map(entries) });
  const stage = check(values);
  return [...found, ...(stage.ok ? stage.warnings : stage.problems)];
}

/** `code: message | file: the text pointed at`, and each other place after another `|`. */
export function said(files: Files, severity?: Diagnostic["severity"]): readonly string[] {
  const shown = (at: Span | undefined) => {
    const file = at?.file.slice("factories/".length) ?? "";
    return at === undefined ? "nowhere" : `${file}: ${files[file]?.slice(at.start, at.end)}`;
  };
  return told(files)
    .filter((each) => severity === undefined || each.severity === severity)
    .map(({ code, message, at, also = [] }) =>
      [`${code}: ${message}`, shown(at), ...also.map((other) => shown(other.at))].join(" | "),
    );
}

export function codesIn(files: Files): readonly string[] {
  return told(files).map(({ code }) => code);
}
