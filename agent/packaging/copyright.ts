import type { Packaged } from "./closure.ts";

/** What Debian wants to know of a package: whose it is, under which terms. */
export function copyrightOf(packages: readonly Packaged[]): string {
  const lines = packages.map(
    ({ path, version = "", license = "see its own file" }) =>
      `Files: usr/lib/millwright/${path}/*\nCopyright: its authors, version ${version}\nLicense: ${license}\n`,
  );
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Millwright

Files: *
Copyright: the Millwright authors
License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.

Files: usr/lib/millwright/bin/node
Copyright: the Node.js contributors and others
License: see LICENSE.node beside this file

${lines.join("\n")}`;
}
