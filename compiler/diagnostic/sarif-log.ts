/** The parts of SARIF 2.1.0 that we write (OASIS, "Static Analysis Results Interchange Format"). */
export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: SarifRun[];
}

export interface SarifRun {
  readonly tool: { readonly driver: SarifTool & { readonly rules: SarifRule[] } };
  readonly columnKind: "utf16CodeUnits";
  readonly defaultEncoding: "utf-8";
  readonly originalUriBaseIds: Record<string, { readonly description: SarifText }>;
  readonly versionControlProvenance?: {
    readonly repositoryUri: string;
    readonly revisionId: string;
    readonly mappedTo: { readonly uriBaseId: string };
  }[];
  readonly results: SarifResult[];
}

export interface SarifTool {
  readonly name: string;
  readonly version: string;
}

export interface SarifRule {
  readonly id: string;
  readonly shortDescription: SarifText;
  readonly fullDescription: SarifText;
  readonly help: SarifText;
}

export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: "error" | "warning";
  readonly message: SarifText;
  readonly locations: SarifLocation[];
  readonly relatedLocations?: SarifLocation[];
  readonly partialFingerprints: Record<string, string>;
}

export interface SarifLocation {
  readonly id?: number;
  readonly message?: SarifText;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
    readonly region?: SarifRegion;
  };
}

/** Lines and columns from 1; `endColumn` is that behind the last character. */
export interface SarifRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface SarifText {
  readonly text: string;
}
