import { visibleLines } from "@millwright/schema";
import { catalog } from "./catalog.ts";
import { fingerprints } from "./fingerprint.ts";
import { inOrder } from "./order.ts";
import { type Files, type Lines, linesIn, rangeOf } from "./position.ts";
import type { SarifLocation, SarifLog, SarifRule, SarifText, SarifTool } from "./sarif-log.ts";
import { LONGEST_MESSAGE, shortened } from "./shortened.ts";
import type { Span } from "./span.ts";
import type { Diagnostic } from "./stage.ts";

/** Where the definitions come from. */
export interface SarifSource {
  readonly files: Files;
  /** Where the definitions lie inside the git repository: "" or a path that ends with `/`. */
  readonly folder: string;
  /** The commit that was read; absent for a folder as it lies. */
  readonly at?: { readonly repository: URL; readonly commit: string };
}

const ROOT = "%SRCROOT%";

/** SARIF 2.1.0: one run, with a result for every diagnostic and a rule for every code that occurs. */
export function sarifOf(
  found: readonly Diagnostic[],
  { files, folder, at: source }: SarifSource,
  tool: SarifTool,
): SarifLog {
  const lines = linesIn(files);
  const fingerprintOf = fingerprints(lines);
  const codes = [...new Set(found.map(({ code }) => code))].sort();
  const indexes = new Map(codes.map((code, index) => [code, index]));
  const results = inOrder(found).map((diagnostic) => {
    const { code, severity, message, cure, at, also } = diagnostic;
    return {
      ruleId: code,
      ruleIndex: indexes.get(code) ?? -1,
      level: severity,
      message: textOf(cure === undefined ? [message] : [message, cure]),
      locations: [at === undefined ? everywhere(folder) : locationOf(at, folder, lines)],
      ...(also !== undefined && {
        relatedLocations: also.map((other, index) => ({
          id: index + 1,
          message: textOf([other.message]),
          ...locationOf(other.at, folder, lines),
        })),
      }),
      partialFingerprints: { "millwrightCodeAndText/v1": fingerprintOf(diagnostic) },
    };
  });
  return {
    $schema:
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { ...tool, rules: codes.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        defaultEncoding: "utf-8",
        originalUriBaseIds: { [ROOT]: { description: { text: "The root of the repository." } } },
        ...(source !== undefined && {
          versionControlProvenance: [
            {
              repositoryUri: source.repository.href,
              revisionId: source.commit,
              mappedTo: { uriBaseId: ROOT },
            },
          ],
        }),
        results,
      },
    ],
  };
}

/** The catalogue's first sentence in short, all of it in full. */
function ruleOf(code: Diagnostic["code"]): SarifRule {
  const full = catalog[code];
  const short = /^.*?[.](?= |$)/.exec(full)?.[0] ?? full;
  return {
    id: code,
    shortDescription: { text: short },
    fullDescription: { text: full },
    help: { text: `${full} (millwright explain ${code})` },
  };
}

function locationOf(at: Span, folder: string, lines: (file: string) => Lines): SarifLocation {
  const { start, end } = rangeOf(at, lines(at.file));
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(`${folder}${at.file}`), uriBaseId: ROOT },
      region: {
        startLine: start.line,
        startColumn: start.column,
        endLine: end.line,
        endColumn: end.column,
      },
    },
  };
}

/** All definitions are meant. Not left out: GitHub refuses a log with a result that has no location. */
function everywhere(folder: string): SarifLocation {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(`${folder}factories/`), uriBaseId: ROOT },
    },
  };
}

/** RFC 3986: each part of the path percent-encoded, so that nothing in a name is a scheme, a query or a fragment. */
function uriOf(path: string): string {
  return path.toWellFormed().split("/").map(encodeURIComponent).join("/");
}

/** Section 3.11.6: `[text](target)` would be a link. What a definition says never becomes one. */
function textOf(said: readonly string[]): SarifText {
  const text = said.flatMap((each) => visibleLines(shortened(each, LONGEST_MESSAGE))).join("\n");
  return { text: text.replaceAll("](", "\\](") };
}
