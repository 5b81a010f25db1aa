import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, PublicKey } from "@millwright/schema";
import type { Terminal } from "./terminal.ts";

export interface MadeTrust {
  /** Of `root`: what agents pin. */
  readonly fingerprint: Digest;
  /** The folder of the private keys. */
  readonly keys: string;
  /** The public half, to copy to hosts. */
  readonly root: string;
  readonly commit: string;
  readonly signers: readonly PublicKey[];
  readonly threshold: number;
  /** A passphrase opens the key files of people. */
  readonly sealed: boolean;
}

/** Makes keys, the first root of trust, and a copy of it for hosts. */
export async function makeTrust(
  repository: string,
  folder: string | undefined,
  team: { readonly signers: readonly PublicKey[]; readonly threshold: number },
  terminal: Terminal,
): Promise<MadeTrust> {
  const { initTrust, readRoots, RELEASES } = await import("../release/release.ts");
  const { keysFolder } = await import("./keys-option.ts");
  const { newPassphrase } = await import("./passphrase.ts");
  const keys = keysFolder(folder, repository, terminal);
  const passphrase = await newPassphrase(terminal);
  const { fingerprint, commit, trust } = await initTrust(
    {
      ...{ repository, keysDir: keys, now: terminal.now() },
      ...team,
      ...(passphrase !== undefined && { passphrase }),
    },
    terminal.signal,
  );
  const root = join(keys, "root.json");
  const published = await readRoots(repository, RELEASES, terminal.signal);
  const [first] = published.ok ? published.value.roots : [];
  if (first === undefined) throw new Error("impossible: the root that was just made is not there");
  await writeFile(root, first);
  const { keys: signers, threshold } = trust.roles.targets;
  const sealed = passphrase !== undefined;
  return { fingerprint, keys, root, commit, signers, threshold, sealed };
}

/** What to do with what was made. */
export function nextSteps({ keys, root, signers, threshold, sealed }: MadeTrust): string {
  const end = sealed ? "age" : "pem";
  const open = sealed
    ? ""
    : "\nThe key files are open: whoever reads them can sign. Seal them with a passphrase next time, or sign with an SSH key.\n";
  const alone =
    threshold > 1
      ? `\n${threshold} of ${signers.length} people must sign a release: the others run millwright sign.\n`
      : "\nNOTE: you alone can decide what every host runs. Before others depend on it, let two people sign:\nmillwright trust rotate --add-signers KEY --threshold 2.\n";
  return `
Private keys are in ${keys}:
  root.${end}     admits and dismisses signers. Move it to a disk in a drawer: it is needed once a year.
  release.${end}  signs what runs. Yours.
  online.pem   tells hosts "this is still the newest". The hub needs it, and nothing else.
${open}${alone}
Give hosts ${root}, or the fingerprint above.
`;
}
