/** Why a bundle was refused before anybody looked at its signatures. Permanent: `status`, the hub and alarms name them. */
const refusals = {
  "bundle/not-plain":
    "A bundle holds plain files and folders: no links, no second names of files, no pipes, no devices. Make it anew with millwright bundle, and copy it with cp -r.",
  "bundle/unknown-file":
    "No bundle for this host holds that. Make it anew with millwright bundle, and leave nothing else in its folder.",
  "bundle/too-large": "No honest bundle has such a file.",
  "bundle/too-many": "No honest bundle has so many files.",
  "bundle/missing-model":
    "The bundle lacks it and this host does not have it. Make the bundle anew with its models.",
  "bundle/wrong-model": "It is not what people signed. Make the bundle anew, and copy it whole.",
} as const;
export type BundleRefusal = keyof typeof refusals;

const MAX_FACT = 300;

export interface Refused<Code extends string = string> {
  readonly ok: false;
  readonly reason: Code;
  /** A fact, then what to do. Carries no bytes of what was refused. */
  readonly message: string;
}

/** A fact may quote the name of a file: no longer than a line, and nothing that moves a terminal's cursor. */
export function refused(reason: BundleRefusal, fact: string): Refused<BundleRefusal> {
  const line = fact.replaceAll(/\p{C}/gu, "�");
  const short = line.length > MAX_FACT ? `${line.slice(0, MAX_FACT)}…` : line;
  return { ok: false, reason, message: `${short} ${refusals[reason]}` };
}
